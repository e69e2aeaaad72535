-- What each system would export of a shard. Headers are the systems' own (docs: intake/files/formats).

-- name: till
-- A month of the tills, sales and returns by time. The first header carries the mark that spreadsheets look for.
with sold as (
    select o.at, o.id, o.channel, o.card, o.store, o.guide, 0 as is_back from o where o.at_till
    union all
    select o.back_at, o.id, o.channel, o.card, o.store, o.guide, 1 from o where o.at_till and o.back_at is not null
)
select case is_back when 0 then 'S' else 'T' end || lpad(sold.id::varchar, 11, '0') as "销售单号",
    strftime(sold.at, '%Y-%m-%d %H:%M:%S') as "交易时间", s.code as "门店编码", sold.card::varchar as "会员卡号",
    p.code as "商品编码", p.full as "商品名称", l.pieces as "数量", (l.paid / 100)::decimal(18, 2) as "实付金额",
    (l.discount / 100)::decimal(18, 2) as "会员折扣", (l.coupon / 100)::decimal(18, 2) as "优惠券抵扣",
    case is_back when 0 then '销售' else '退货' end as "销售类型",
    case is_back when 1 then 'S' || lpad(sold.id::varchar, 11, '0') end as "原单号",
    case sold.channel when '门店' then '门店' when '抖音' then '抖音团购' else sold.channel end as "渠道", g.number as "导购工号"
from sold join l on l.place = sold.id % 100000000 join p using (sku) join s on s.store = sold.store
    left join g on g.guide = sold.guide
where strftime(sold.at, '%Y-%m') = '{month}'
order by sold.at, sold.id, is_back, l.line_no

-- name: weixin_shop
-- 微信小店, where the mini program's orders are paid: a row per product, the order's money on each.
select '37' || lpad(o.id::varchar, 17, '0') as "订单号", strftime(o.at, '%Y-%m-%d %H:%M:%S') as "订单下单时间",
    case when o.back_at is null then '已完成' else '已取消' end as "订单状态", '物流发货' as "发货方式",
    '***' as "收件人姓名", '1**********' as "收件人手机",
    ((sum(l.listed) over whole) / 100)::decimal(18, 2) as "商品总价",
    ((sum(l.paid) over whole) / 100)::decimal(18, 2) as "订单实际支付金额",
    ((sum(l.discount + l.coupon) over whole) / 100)::decimal(18, 2) as "商品优惠",
    strftime(o.at + interval 20 second, '%Y-%m-%d %H:%M:%S') as "支付时间", g.number as "企微工号",
    'wmSY' || lpad(o.person::varchar, 10, '0') as "企业微信加密id",
    p.full as "商品名称", '1000' || lpad(l.sku::varchar, 6, '0') as "商品编码(平台)", p.code as "商品编码(自定义)",
    p.code as "SKU编码(自定义)", (p.price / 100)::decimal(18, 2) as "商品价格(单件)",
    (l.paid / 100)::decimal(18, 2) as "商品实际价格(总共)", l.pieces as "商品数量",
    case when o.back_at is null then '' else '已退款' end as "商品售后",
    (case when o.back_at is null then 0 else l.paid end / 100)::decimal(18, 2) as "商品已退款金额"
from o join l on l.place = o.id % 100000000 join p using (sku) left join g using (guide)
where o.channel = '小程序' and not o.at_till
window whole as (partition by o.id)
order by o.at, o.id, l.line_no

-- name: taobao_items
-- 天猫 宝贝报表: it names no buyer.
select '28' || lpad((o.id * 100 + l.line_no)::varchar, 17, '0') as "子订单编号", '28' || lpad((o.id * 100)::varchar, 17, '0') as "主订单编号",
    p.full as "商品标题", (p.price / 100)::decimal(18, 2) as "商品价格", l.pieces as "购买数量", '规格:' || p.spec as "商品属性",
    p.code as "商家编码", '70' || lpad(l.sku::varchar, 10, '0') as "商品ID",
    ((l.listed - l.discount) / 100)::decimal(18, 2) as "买家应付货款", (l.paid / 100)::decimal(18, 2) as "买家实付金额",
    case when o.back_at is null then '交易成功' else '交易关闭' end as "订单状态",
    case when o.back_at is null then '没有申请退款' else '退款成功' end as "退款状态",
    case when o.back_at is null then '无退款申请' else printf('%.2f', l.paid / 100) end as "退款金额",
    strftime(o.at, '%Y-%m-%d %H:%M:%S') as "订单创建时间",
    strftime(o.at + interval 30 second, '%Y-%m-%d %H:%M:%S') as "订单付款时间"
from o join l on l.place = o.id % 100000000 join p using (sku)
where o.channel = '天猫'
order by o.at, o.id, l.line_no

-- name: jd_pop
-- 京东 POP: a row per product, the order's money on each; whoever sent it back has it cancelled after paying.
select (o.id + 300000000000)::varchar as "订单号", '1008' || lpad(l.sku::varchar, 8, '0') as "商品ID", p.full as "商品名称",
    l.pieces as "订购数量", '在线支付' as "支付方式", strftime(o.at, '%Y-%m-%d %H:%M:%S') as "下单时间",
    (p.price / 100)::decimal(18, 2) as "京东价", ((sum(l.listed) over whole) / 100)::decimal(18, 2) as "订单金额",
    ((sum(l.paid) over whole) / 100)::decimal(18, 2) as "结算金额", '0.00' as "余额支付",
    ((sum(l.paid) over whole) / 100)::decimal(18, 2) as "应付金额",
    case when o.back_at is null then '完成' else '已取消' end as "订单状态", 'SOP' as "订单类型",
    'jd_' || (o.person * 7919 + 104729)::varchar as "下单帐号", '***' as "客户姓名", '1******' || lpad((o.person % 10000)::varchar, 4, '0') as "联系电话",
    strftime(o.at + interval 40 second, '%Y-%m-%d %H:%M:%S') as "付款确认时间", p.code as "货号", p.code as "商家SKUID"
from o join l on l.place = o.id % 100000000 join p using (sku)
where o.channel = '京东'
window whole as (partition by o.id)
order by o.at, o.id, l.line_no

-- name: douyin_shop
-- 抖店, a row per sub-order; who receives it is encrypted.
select chr(9) || '69' || lpad((o.id * 100)::varchar, 17, '0') as "主订单编号", chr(9) || '69' || lpad((o.id * 100 + l.line_no)::varchar, 17, '0') as "子订单编号",
    '抖音支付' as "支付方式", p.full as "选购商品", p.code as "货号", chr(9) || '36' || lpad(l.sku::varchar, 17, '0') as "商品ID", p.code as "商家编码",
    l.pieces as "商品数量", (l.listed / 100)::decimal(18, 2) as "商品金额", strftime(o.at, '%Y-%m-%d %H:%M:%S') as "订单提交时间",
    strftime(o.at + interval 25 second, '%Y-%m-%d %H:%M:%S') as "支付完成时间",
    case when o.back_at is null then '已完成' else '已关闭' end as "订单状态",
    case when o.back_at is null then '-' else '退款成功' end as "售后状态", (l.paid / 100)::decimal(18, 2) as "订单应付金额", '0.00' as "运费",
    (l.discount / 100)::decimal(18, 2) as "优惠总金额", '0.00' as "平台优惠", (l.discount / 100)::decimal(18, 2) as "商家优惠",
    '##' || left(md5(o.id::varchar), 16) || '##' as "收件人", '$$' || left(md5((o.id + 7)::varchar), 16) || '$$' as "收件人手机号"
from o join l on l.place = o.id % 100000000 join p using (sku)
where o.channel = '抖音' and not o.at_till
order by o.at, o.id, l.line_no

-- name: eleme
-- 淘宝闪购 / 饿了么: the shop's due on each row, and no customer at all.
select '淘宝闪购' as "订单来源", '40' || lpad(o.id::varchar, 16, '0') as "订单编号", (o.id % 300 + 1) as "订单序号", s.city as "城市", s.name as "商户名称",
    s.code as "门店ID", case when o.back_at is null then '已完成' else '已取消' end as "订单状态",
    case when o.back_at is null then '' else '退款成功' end as "退款状态", strftime(o.at, '%Y-%m-%d %H:%M:%S') as "下单时间",
    p.code as "商品自定义ID", p.code as "商品条形码", p.full as "商品名称", l.pieces as "购买数量",
    ((sum(l.paid) over whole) / 100)::decimal(18, 2) as "商户应收金额", '0.00' as "平台佣金"
from o join l on l.place = o.id % 100000000 join p using (sku) join s using (store)
where o.channel = '闪购' and not o.at_till
window whole as (partition by o.id)
order by o.at, o.id, l.line_no

-- name: xiaohongshu
-- 小红书 千帆: 用户编号 is the only word on who bought.
select 'P' || lpad(o.id::varchar, 18, '0') as "订单号", case when o.back_at is null then '已完成' else '已取消' end as "订单状态",
    case when o.back_at is null then '' else '退款成功' end as "售后状态", '现货' as "订单类型", '****' as "收件人姓名", '1**********' as "收件人电话",
    'XHS' || lpad(l.sku::varchar, 8, '0') as "小红书编码", p.code as "条形码", p.full as "SKU名称", p.spec as "SKU规格", l.pieces as "SKU件数",
    (l.listed / 100)::decimal(18, 2) as "商品总价(元)", (l.paid / 100)::decimal(18, 2) as "用户应付金额(元)", '0.00' as "平台优惠(元)",
    (l.discount / 100)::decimal(18, 2) as "店铺优惠(元)", (l.paid / 100)::decimal(18, 2) as "商家应收金额(元)（支付金额）",
    strftime(o.at, '%Y-%m-%d %H:%M:%S') as "支付时间", strftime(o.at, '%Y-%m-%d %H:%M:%S') as "订单创建时间",
    lower(left(md5('xhs' || o.person::varchar), 24)) as "用户编号", p.code as "商家编码", p.full as "商品名称"
from o join l on l.place = o.id % 100000000 join p using (sku)
where o.channel = '小红书'
order by o.at, o.id, l.line_no

-- name: members
-- The membership system's list: one row per card.
select m.card::varchar as "会员卡号", m.phone::varchar as "手机号", m.name as "姓名", case when m.is_woman then '女' else '男' end as "性别",
    m.born as "生日", strftime(m.opened, '%Y-%m-%d %H:%M:%S') as "开卡时间", s.code as "开卡门店编码",
    case when m.wecom then 'wmSY' || lpad(m.person::varchar, 10, '0') end as "企微客户ID", m.device as "注册设备",
    m.brought_by::varchar as "推荐人卡号", nullif(m.profession, '') as "职业", case when m.agrees then '是' else '否' end as "同意营销",
    '2024-01' as "告知书版本", strftime(m.opened, '%Y-%m-%d %H:%M:%S') as "同意时间"
from m join s using (store)
order by m.opened, m.card

-- name: sell_in
-- What each dealer took of each product in the last twelve months: what its stores sold, and a little more, in whole boxes.
with sold as (
    select s.dealer_code, s.dealer, l.sku, date_trunc('month', o.at)::date as month, sum(l.pieces) as pieces
    from o join l on l.place = o.id % 100000000 join s using (store)
    where s.dealer_code <> '' and o.store >= 0 and o.at >= '{since}'
    group by all
)
select 'XS' || strftime(month, '%Y%m') || right(dealer_code, 3) as "出库单号", dealer_code as "客户编码", dealer as "购货单位",
    strftime(month + interval 2 day, '%Y-%m-%d') as "出库日期", p.code as "商品编码", p.full as "商品名称", boxes * 6 as "出库数量",
    (boxes * 6 * p.dealer_price / 100)::decimal(18, 2) as "出库金额"
from (select *, ceil(pieces * 1.04 / 6)::bigint as boxes from sold) join p using (sku)
where p.category not in ('服务')
order by month, dealer_code, p.code
