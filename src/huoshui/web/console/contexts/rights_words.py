"""Words of 同意与权利."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

STATES = {
    "open": gettext_lazy("待办"),
    "doing": gettext_lazy("正在删除"),
    "done": gettext_lazy("已办好"),
    "refused": gettext_lazy("没有办"),
}
KINDS = {
    "copy": gettext_lazy("查阅和复制"),
    "port": gettext_lazy("转移到别处"),
    "explain": gettext_lazy("说明规则"),
    "correct": gettext_lazy("更正"),
    "restrict": gettext_lazy("限制使用"),
    "erase": gettext_lazy("注销并删除"),
}
EVENTS = {
    "asked": gettext_lazy("登记了请求"),
    "erasing": gettext_lazy("决定删除"),
    "erased": gettext_lazy("删除完毕"),
    "done": gettext_lazy("办好"),
    "refused": gettext_lazy("没有办"),
    "copied": gettext_lazy("又给了一份"),
}
PURPOSES = {
    "marketing": gettext_lazy("营销消息"),
    "service": gettext_lazy("订单与售后通知"),
    "profiling": gettext_lazy("个性化推荐"),
    "head_office": gettext_lazy("授权总部查看"),
    "sensitive": gettext_lazy("使用敏感信息"),
    "minor": gettext_lazy("未成年人（监护人同意）"),
    "processing": gettext_lazy("继续使用资料"),
}
CHANNELS = {
    "": gettext_lazy("所有渠道"),
    "sms": gettext_lazy("短信"),
    "call": gettext_lazy("电话"),
    "wechat": gettext_lazy("公众号"),
    "mini": gettext_lazy("小程序"),
    "wecom": gettext_lazy("企业微信"),
    "email": gettext_lazy("邮件"),
    "app": gettext_lazy("应用推送"),
}
# What rooms below say of what they erased, kept and handed over: their words, told here so that they have English
TOLD = (
    gettext_lazy("数据库"),
    gettext_lazy("数据仓"),
    gettext_lazy("订单"),
    gettext_lazy("导入"),
    gettext_lazy("日志"),
    gettext_lazy("会员"),
    gettext_lazy("行为接入"),
    gettext_lazy("动态里的姓名、号码和原文"),
    gettext_lazy("动态带的账号"),
    gettext_lazy("账号与联系方式"),
    gettext_lazy("合并依据"),
    gettext_lazy("资料"),
    gettext_lazy("顾客卡片"),
    gettext_lazy("同意记录里的原话"),
    gettext_lazy("操作记录里的说明"),
    gettext_lazy("去掉是谁买的"),
    gettext_lazy("会员等级"),
    gettext_lazy("导入时留下的文件"),
    gettext_lazy("导入时留下的文字"),
    gettext_lazy("日志里的号码"),
    gettext_lazy("打不开、要请管理员处理的日志"),
    gettext_lazy("没收下的行为记录"),
    gettext_lazy("数据仓里的行"),
    gettext_lazy("同意与撤回"),
    gettext_lazy("其他动态"),
    gettext_lazy("积分与余额"),
    gettext_lazy("谁查看过"),
    gettext_lazy("种类"),
    gettext_lazy("属于"),
    gettext_lazy("内容"),
    gettext_lazy("项目"),
    gettext_lazy("来源"),
    gettext_lazy("时间"),
    gettext_lazy("其他来源说"),
    gettext_lazy("用途"),
    gettext_lazy("渠道"),
    gettext_lazy("同意"),
    gettext_lazy("告知书"),
    gettext_lazy("凭证"),
    gettext_lazy("地点"),
    gettext_lazy("为什么认为是同一个人"),
    gettext_lazy("单号"),
    gettext_lazy("门店"),
    gettext_lazy("金额"),
    gettext_lazy("商品"),
    gettext_lazy("事情"),
    gettext_lazy("谁"),
    gettext_lazy("做了什么"),
    gettext_lazy("到期"),
    gettext_lazy("（已删除）"),
    gettext_lazy("余额"),
    gettext_lazy("订单、退款和库存的数目"),
    gettext_lazy("《会计法》《电子商务法》要求保存交易记录；已经去掉是谁买的，金额和件数一分不变。"),
    gettext_lazy("积分与优惠券的账"),
    gettext_lazy("账本要能对平；只剩一个编号，查不到是谁。"),
    gettext_lazy("她同意过和撤回过什么的记录"),
    gettext_lazy("用来证明我们按她的意思办过；只剩一个编号，原话和地点已经去掉。"),
    gettext_lazy("防止再次录入的名单"),
    gettext_lazy("下次导入旧表或恢复备份时，用它认出并拦住；里面是加密后的指纹，看不出号码。"),
    gettext_lazy("这份证明和办理过程"),
    gettext_lazy("法律要求我们能说明什么时候、由谁办的。"),
    gettext_lazy("久未往来的顾客"),
    gettext_lazy("行为记录的原文"),
    gettext_lazy("身体读数"),
    gettext_lazy("设备没收下的数据"),
    gettext_lazy("没读进来的行"),
    gettext_lazy("看完整号码时写的原因"),
    gettext_lazy(
        "这么久没有买过、来过、同意过什么，也没有余额，留着号码已经没有用处。按注销办理：销售留下，不再知道是谁买的。"
    ),
    gettext_lazy("三年内有人追问可以查；再久只留谁、什么时候、看了谁的。网络安全法要求日志至少留六个月。"),
    gettext_lazy(
        "两年里可以重算、可以查；再久只留发生过什么、什么时候、是谁的，去掉网页地址、搜索词这些内容。"
    ),
    gettext_lazy("三个月没人补，多半不会再补了；里面可能有号码。"),
    gettext_lazy("体重、体脂是敏感信息，看三年的变化够了。设备是谁的、上过秤这件事还在。"),
    gettext_lazy("三个月没人补，多半不会再补了；里面可能有身体数据。"),
    gettext_lazy("半年里可以对照原表；里面的内容已经记进来了，导入照样可以撤销。"),
    gettext_lazy("半年没人改，多半不会再改了；原样的行里有姓名和号码。按导入的次数数。"),
    gettext_lazy("订单、退款、库存和积分的账"),
    gettext_lazy("同意和撤回的记录"),
    gettext_lazy("谁在什么时候做了什么"),
    gettext_lazy(
        "《会计法》和《会计档案管理办法》要求账簿保存 30 年，电商平台的交易记录按《电子商务法》至少三年。"
        "到期不删，谁买的另按上面的规则去掉。"
    ),
    gettext_lazy("要能证明当时是按顾客的意思办的（《个人信息保护法》第十四条、第六十九条）。"),
    gettext_lazy("《网络安全法》第二十一条要求日志至少留六个月；这里一直留着，到期只去掉写在旁边的原因。"),
    gettext_lazy("只有加密后的指纹，看不出号码；没有它，下一次导入就会把人带回来。"),
)
ASKED_IN = {"copy", "port", "explain"}
DONE = {
    "restrict": gettext_lazy("已经限制使用：不再发消息，也不再做推荐。"),
    "correct": gettext_lazy("已经改好，其他来源说的还留着作对照。"),
    "refuse": gettext_lazy("记下了，请把原因告诉顾客。"),
    "erase": gettext_lazy("开始删除了，几分钟内完成；做完这里会有证明。"),
    "asked": gettext_lazy("登记好了，从今天起算期限。"),
    "rule": gettext_lazy("记下了，从现在起按这个来。"),
    "keep-days": gettext_lazy("记下了。这一类先关着，正在数按新的天数会删多少；一两分钟后刷新，看过再打开。"),
    "keep-on": gettext_lazy("打开了，从今晚起到期的会删，删了找不回来。"),
    "keep-off": gettext_lazy("关掉了，不再自己删。"),
    "keep-count": gettext_lazy("正在数，一两分钟后刷新这一页。"),
}


ANSWERS = {
    "": gettext_lazy("现在可以发"),
    "erased": gettext_lazy("已经注销"),
    "unknown": gettext_lazy("没有这位顾客"),
    "restricted": gettext_lazy("本人要求限制使用"),
    "minor": gettext_lazy("不满 14 岁，缺监护人同意"),
    "no_contact": gettext_lazy("没有联系方式"),
    "never": gettext_lazy("没有同意过，不能发"),
    "withdrawn": gettext_lazy("已撤回，不能发"),
    "quiet": gettext_lazy("免打扰时段，{detail} 以后发"),
    "frequent": gettext_lazy("最近发得多，{detail} 以后发"),
}
