-- distinct(buy last 90 days, day) >= 6
-- 最近 90 天购买的不同天数至少 6 的顾客。
-- Customers whose number of different days of purchases in the last 90 days is at least 6.
SELECT
  "t12"."person_id"
FROM (
  SELECT
    "t11"."person_id",
    COALESCE(COALESCE("t11"."count", 0) >= 6, FALSE) AS "is_member",
    COALESCE(
      LEAST(
        COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t11"."enter_all") + 0, 1000000),
        COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t11"."leave_all") + 90, 1000000)
      ),
      1000000
    ) AS "next_day"
  FROM (
    SELECT
      "t10"."person_id",
      COUNT(DISTINCT "t10"."day") FILTER(WHERE
        (
          "t10"."day" <= MAKE_DATE(2026, 6, 15)
        )
        AND (
          "t10"."day" >= MAKE_DATE(2026, 3, 18)
        )
        AND "t10"."counts") AS "count",
      MIN("t10"."day") FILTER(WHERE
        "t10"."day" > MAKE_DATE(2026, 6, 15)) AS "enter_all",
      MIN("t10"."day") FILTER(WHERE
        (
          "t10"."day" <= MAKE_DATE(2026, 6, 15)
        )
        AND (
          "t10"."day" >= MAKE_DATE(2026, 3, 18)
        )) AS "leave_all"
    FROM (
      SELECT
        "t9"."person_id",
        "t9"."business_day" AS "day",
        "t9"."order_id" AS "event_id",
        (
          "t9"."sold_amount" <> 0
        )
        OR (
          ABS("t9"."sold_quantity") > 0.0005
        )
        OR (
          "t9"."incomplete" <> 0
        ) AS "counts",
        "t9"."amount",
        "t9"."units",
        "t9"."discount"
      FROM (
        SELECT
          "t8"."order_id",
          "t8"."person_id",
          "t8"."business_day",
          SUM("t8"."amount") AS "amount",
          CAST(ROUND(SUM(COALESCE("t8"."quantity", 0.0)) * 1000, 0) AS BIGINT) AS "units",
          SUM("t8"."discount") AS "discount",
          COALESCE(SUM("t8"."amount") FILTER(WHERE
            "t8"."kind" = 'sale'), 0) AS "sold_amount",
          COALESCE(SUM(COALESCE("t8"."quantity", 0.0)) FILTER(WHERE
            "t8"."kind" = 'sale'), 0.0) AS "sold_quantity",
          COALESCE(
            SUM(CAST(CASE WHEN "t8"."is_reversal" THEN -1 ELSE 1 END AS BIGINT)) FILTER(WHERE
              (
                "t8"."kind" = 'sale'
              ) AND (
                (
                  "t8"."flags" & 6
                ) <> 0
              )),
            0
          ) AS "incomplete"
        FROM (
          SELECT
            "t7".*
            EXCLUDE ("born_id", "canonical_id")
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
                  "t0"."business_day" >= MAKE_DATE(2026, 3, 18) AND "t0"."person_id" IS NOT NULL
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
    ) AS "t10"
    GROUP BY
      1
  ) AS "t11"
) AS "t12"
WHERE
  "t12"."is_member"
