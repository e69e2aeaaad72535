-- count(buy last 30 days) >= 1
-- 最近 30 天购买的次数至少 1 次的顾客。
-- Customers whose number of purchases in the last 30 days is at least 1.
SELECT
  "t11"."person_id"
FROM (
  SELECT
    "t10"."person_id",
    COALESCE(COALESCE(COALESCE("t10"."count_0", 0), 0) >= 1, FALSE) AS "is_member",
    LEAST(
      COALESCE(
        COALESCE(
          LEAST(
            COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t10"."enter_0") + 0, 1000000),
            COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t10"."leave_0") + 30, 1000000)
          ),
          1000000
        ),
        1000000
      ),
      COALESCE(1000000, 1000000)
    ) AS "next_day"
  FROM (
    SELECT
      "t9"."person_id",
      COUNT("t9"."business_day") FILTER(WHERE
        (
          "t9"."business_day" <= MAKE_DATE(2026, 6, 15)
        )
        AND (
          "t9"."business_day" >= MAKE_DATE(2026, 5, 17)
        )
        AND (
          (
            COALESCE("t9"."sold_amount_0", 0) <> 0
          )
          OR (
            ABS(COALESCE("t9"."sold_quantity_0", 0.0)) > 0.0005
          )
          OR (
            COALESCE("t9"."incomplete_0", 0) <> 0
          )
        )) AS "count_0",
      MIN("t9"."business_day") FILTER(WHERE
        "t9"."business_day" > MAKE_DATE(2026, 6, 15)) AS "enter_0",
      MIN("t9"."business_day") FILTER(WHERE
        (
          "t9"."business_day" <= MAKE_DATE(2026, 6, 15)
        )
        AND (
          "t9"."business_day" >= MAKE_DATE(2026, 5, 17)
        )) AS "leave_0"
    FROM (
      SELECT
        "t8"."order_id",
        "t8"."person_id",
        "t8"."business_day",
        SUM("t8"."amount") FILTER(WHERE
          "t8"."kind" = 'sale') AS "sold_amount_0",
        SUM(COALESCE("t8"."quantity", 0.0)) FILTER(WHERE
          "t8"."kind" = 'sale') AS "sold_quantity_0",
        SUM(CAST(CASE WHEN "t8"."is_reversal" THEN -1 ELSE 1 END AS BIGINT)) FILTER(WHERE
          (
            "t8"."kind" = 'sale'
          ) AND (
            (
              "t8"."flags" & 6
            ) <> 0
          )) AS "incomplete_0"
      FROM (
        SELECT
          "t7".*
          EXCLUDE ("canonical_id", "born_id")
        FROM (
          SELECT
            "t6"."fact_id",
            "t6"."order_id",
            "t6"."line_no",
            "t6"."kind",
            "t6"."is_reversal",
            COALESCE("t6"."canonical_id", "t6"."person_id") AS "person_id",
            "t6"."org_unit_id",
            "t6"."sku_id",
            "t6"."source_id",
            "t6"."occurred_at",
            "t6"."business_day",
            "t6"."channel",
            "t6"."quantity",
            "t6"."amount",
            "t6"."discount",
            "t6"."coupon_discount",
            "t6"."flags",
            "t6"."seq",
            "t6"."born_id",
            "t6"."canonical_id"
          FROM (
            SELECT
              "t4"."fact_id",
              "t4"."order_id",
              "t4"."line_no",
              "t4"."kind",
              "t4"."is_reversal",
              "t4"."person_id",
              "t4"."org_unit_id",
              "t4"."sku_id",
              "t4"."source_id",
              "t4"."occurred_at",
              "t4"."business_day",
              "t4"."channel",
              "t4"."quantity",
              "t4"."amount",
              "t4"."discount",
              "t4"."coupon_discount",
              "t4"."flags",
              "t4"."seq",
              "t5"."born_id",
              "t5"."canonical_id"
            FROM (
              SELECT
                *
              FROM "order_lines" AS "t0"
              WHERE
                "t0"."business_day" >= MAKE_DATE(2026, 5, 17) AND "t0"."person_id" IS NOT NULL
            ) AS "t4"
            LEFT OUTER JOIN (
              SELECT
                "t1"."person_id" AS "born_id",
                CAST("t1"."number" AS BIGINT) AS "canonical_id"
              FROM "state_now" AS "t1"
              WHERE
                "t1"."key" = 'cluster' AND "t1"."number" IS NOT NULL
            ) AS "t5"
              ON "t4"."person_id" = "t5"."born_id"
          ) AS "t6"
        ) AS "t7"
      ) AS "t8"
      GROUP BY
        1,
        2,
        3
    ) AS "t9"
    GROUP BY
      1
  ) AS "t10"
) AS "t11"
WHERE
  "t11"."is_member"
