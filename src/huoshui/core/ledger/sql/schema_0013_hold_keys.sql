-- Tills number their orders themselves, so goods are kept for an order of a source: 'source/number'. What was kept before
-- is for the order of that number of whatever source ('0/number').
update goods_reservation set order_key = '0/' || order_key;
update goods_document set key = 'handover 0/' || substr(key, length('handover ') + 1)
where kind = 'handover' and key like 'handover %';
