"""Words of packs in English, for whoever reads the screens so. A tag that is made keeps the Chinese, as a brand's words do."""

from __future__ import annotations

from collections.abc import Mapping

_STAGES = {
    "孕产用品": ("maternity goods", 150),
    "新生儿用品": ("newborn goods", 120),
    "辅食": ("baby food", 120),
    "儿童用品": ("children's goods", 180),
    "硬装材料": ("building materials", 120),
    "软装": ("furnishings", 120),
    "入住用品": ("kitchen and storage goods", 90),
}

WORDS: Mapping[str, str] = {
    "母婴阶段": "Mother-and-baby stage",
    "家装阶段": "Home-decoration stage",
    "价格敏感": "Price-sensitive",
    "周末购物": "Weekend shopper",
    "尝新": "New-product taster",
    "品牌忠诚": "Brand loyal",
    "送礼": "Gift buyer",
    "养宠物": "Pet owner",
    "控糖": "Watches sugar",
    "孩子现在多大：从孕期到上学，按买的东西推算，每个阶段看几个信号。": (
        "How old the child is, from pregnancy to school, weighed from what is bought: several signals for each stage."
    ),
    "房子装到哪一步：硬装、软装还是已经入住。": "How far the home has come: building, furnishing or moved in.",
    "半年里买了 4 次以上，打折的时候比不打折的时候多。": (
        "Bought four times or more in half a year, more often at a discount than without."
    ),
    "半年里买东西的日子，十有六七在周末。": "Most days of buying in half a year are at weekends.",
    "新品上市 60 天以内就买，而且常常这样。": "Often buys what has been on sale for no more than 60 days.",
    "半年里七成以上的钱花在同一个品牌。": "Seven tenths of the money of half a year went to one brand.",
    "常买礼盒、贺卡一类，或者一次买很多份。": "Often buys gift boxes and cards, or many of them at once.",
    "半年里两次以上买宠物用品，分得出猫和狗。": "Bought for a pet twice or more in half a year; tells cats from dogs.",
    "买控糖、血糖类商品。由健康情况推得，是敏感标签：默认关闭，顾客单独同意以后才给。": (
        "Buys sugar-free and blood-sugar goods. It speaks of health, so it is sensitive: off until it is switched on, and only"
        " for who has consented to it separately."
    ),
    "新生儿用品（1 段奶粉、新生儿纸尿裤）": "Newborn goods (first-stage formula, newborn diapers)",
    "纸尿裤": "Diapers",
    "儿童用品（儿童零食、玩具、文具）": "Children's goods (snacks, toys, stationery)",
    "硬装材料（瓷砖、涂料、卫浴、五金）": "Building materials (tiles, paint, bathroom, hardware)",
    "软装（窗帘、灯具、家具）": "Furnishings (curtains, lamps, furniture)",
    "入住用品（厨具、收纳、清洁）": "Moving-in goods (kitchen, storage, cleaning)",
    "孕产用品": "Maternity goods",
    "辅食": "Baby food",
    "礼盒与贺卡": "Gift boxes and cards",
    "猫用品": "For cats",
    "狗用品": "For dogs",
    "控糖与血糖用品": "Sugar-free and blood-sugar goods",
    "最近 90 天买过纸尿裤": "Bought diapers in the last 90 days",
    "最近 180 天没有买过纸尿裤": "No diapers in the last 180 days",
    "在那以前买过硬装材料": "Bought building materials before that",
    "以前买过软装": "Bought furnishings before",
    "半年里六成以上的购买日在周末": "Six tenths of the days of buying are at weekends",
    "半年里四成以上的购买日带了上市 60 天以内的新品": "Four tenths of the days of buying include something new",
    "半年里七成以上的钱花在同一个品牌": "Seven tenths of the money went to one brand",
    "一年里两次以上买过礼盒与贺卡": "Bought gift boxes or cards twice or more in a year",
    "一年里有一次买了 5 件以上礼盒与贺卡": "Bought five or more of them at once within a year",
    **{f"最近 {n} 天买过{zh}": f"Bought {en} in the last {n} days" for zh, (en, n) in _STAGES.items()},
    **{
        f"最近 {n} 天在 2 天以上买过{zh}": f"Bought {en} on two days or more of the last {n}"
        for zh, (en, n) in _STAGES.items()
    },
}
