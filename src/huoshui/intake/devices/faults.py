"""What may be wrong with a reading, in the user's words."""

from __future__ import annotations

from huoshui.core.unmet import sentences

sentences(
    {
        "reading_unreadable": "这一条读不懂：{reason}",
        "reading_too_large": "这一条有 {size} 字节，一条最多 {most} 字节。",
        "reading_message_id_too_long": "messageId 最多 {most} 个字符。",
        "reading_type_unknown": "{kind}不能报这种读数：{type}。可以报：{allowed}。",
        "reading_time_unreadable": "时间要按 ISO 8601 写，例如 2026-11-26T09:30:00+08:00。",
        "reading_in_future": "时间在将来：{at}。请校准设备的时钟，或随每次发送带上 sentAt。",
        "reading_too_old": "时间太早：{at}，超过 {days} 天的读数不收。请校准设备的时钟。",
        "metrics_missing": "体脂秤的读数要有 metrics，至少一项：{known}。",
        "metric_unknown": "没有这一项：{metric}。可以报：{known}。",
        "metric_not_a_number": "{label}要写数字，收到的是 {value}。",
        "metric_implausible": "{label} {value} 不在 {least} 到 {most} {unit}之间，请检查单位。",
        "member_too_long": "member 最多 {most} 个字符。",
        "person_wrong": "person 里只写一个号：{known} 其中之一；openid 和 account 还要写 scope。",
        "person_of_a_bound_device": "这台设备已经绑定顾客，读数里不能再写 person。",
        "consent_missing": "读数写了 person，就要同时写 consent：顾客在这台设备上同意的是哪一版告知书，最多 {most} 个字符。",
        "consent_withdrawn": "这位顾客没有同意收集身体数据，或已经撤回。这一条没有留存。",
        "person_is_nobody": "这个号不能用来认人：{kind}。",
        "sample_code_missing": "要写 code，就是领取码。",
        "sample_code_unknown": "没有这个领取码。",
        "sample_code_used": "这个领取码已经用过了。",
        "sample_code_closed": "这次派样已经停了。",
        "sample_not_claimed": "这个领取码没有在这台设备上领取，或已经出过样了。",
        "sample_result_unknown": "result 写 out（已出样）或 stuck（卡住了，没出来）。",
        "interval_wrong": "from 要早于 to，而且一段最长 1 小时。",
        "interval_known": "这段时间（{from} 到 {to}）已经报过人数了，没有重复计入。",
        "count_wrong": "in 和 out 要写 0 到 {most} 的整数。",
        "store_missing": "这台设备还没有设门店，请先在设备页面里填门店编码。",
        "content_missing": "要写 content，就是屏幕上放的是什么，最多 {most} 个字。",
        "seconds_wrong": "seconds 要写 0 到 86400 的数字。",
        "reading_not_storable": "这一条里有数据库存不下的内容：{reason}",
    }
)
