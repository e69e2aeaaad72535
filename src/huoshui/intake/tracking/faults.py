"""What may be wrong with an event, in the user's words."""

from __future__ import annotations

from huoshui.core.unmet import sentences

sentences(
    {
        "event_unreadable": "这一条读不懂：{reason}",
        "event_too_large": "这一条有 {size} 字节，一条最多 {most} 字节。",
        "event_too_deep": "嵌套太深，最多 {most} 层。",
        "type_missing": "批量里的每一条都要写 type：track、page、screen、identify、group 或 alias。",
        "type_unknown": "没有这种 type：{type}。",
        "ids_missing": "userId 和 anonymousId 至少要有一个。",
        "id_too_long": "编号太长，最多 {most} 个字符。",
        "event_missing": "track 要写 event，就是发生了什么。",
        "group_missing": "group 要写 groupId。",
        "alias_incomplete": "alias 要同时写 previousId 和 userId。",
        "message_id_too_long": "messageId 最多 {most} 个字符。",
        "message_of_another": "这个 messageId 已经被另一个来源用过，没有重复计入。",
        "name_reserved": "“{name}”是活水自己的记录名，请换一个。",
        "time_unreadable": "时间要按 ISO 8601 写，例如 2026-11-26T09:30:00Z。",
        "time_unbelievable": "时间离现在太远：{at}。请检查发送方的时钟。",
        "key_may_not": "这把写入密钥没有 {scope} 权限。",
        "property_missing": "埋点方案要求有 {property}。",
        "property_wrong": "埋点方案里 {property} 的类型是 {type}，收到的不是。",
        "order_id_missing": "订单要写 order_id。",
        "order_products_missing": "订单要写 products，每件商品有 product_id 或 sku、price、quantity。",
        "order_amount_unreadable": "这个金额读不懂：{value}。请写数字，例如 19.90。",
        "order_quantity_unreadable": "这个数量读不懂：{value}。请写大于 0、最多三位小数的数。",
        "order_currency_foreign": "现在只收人民币订单，这一单是 {currency}。",
        "event_not_storable": "这一条里有数据库存不下的内容：{reason}",
    }
)
