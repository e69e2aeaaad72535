-- Nobody looks a use up by its code; random text in an index is dear.
drop index fact_coupon_code;
