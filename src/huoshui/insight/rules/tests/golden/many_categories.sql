-- distinct(buy last 180 days, category_1) >= 4
-- 最近 180 天购买的不同大类数至少 4 的顾客。
-- Customers whose number of different category, level 1s of purchases in the last 180 days is at least 4.
SELECT
  "t17"."person_id"
FROM (
  SELECT
    "t16"."person_id",
    COALESCE(COALESCE("t16"."count", 0) >= 4, FALSE) AS "is_member",
    COALESCE(
      LEAST(
        COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t16"."enter_all") + 0, 1000000),
        COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t16"."leave_all") + 180, 1000000)
      ),
      1000000
    ) AS "next_day"
  FROM (
    SELECT
      "t15"."person_id",
      COUNT(DISTINCT "t15"."category_1") FILTER(WHERE
        (
          "t15"."day" <= MAKE_DATE(2026, 6, 15)
        )
        AND (
          "t15"."day" >= MAKE_DATE(2025, 12, 18)
        )
        AND "t15"."counts") AS "count",
      MIN("t15"."day") FILTER(WHERE
        "t15"."day" > MAKE_DATE(2026, 6, 15)) AS "enter_all",
      MIN("t15"."day") FILTER(WHERE
        (
          "t15"."day" <= MAKE_DATE(2026, 6, 15)
        )
        AND (
          "t15"."day" >= MAKE_DATE(2025, 12, 18)
        )) AS "leave_all"
    FROM (
      SELECT
        "t14"."person_id",
        "t14"."category_1",
        "t14"."business_day" AS "day",
        "t14"."order_id" AS "event_id",
        (
          "t14"."sold_amount" <> 0
        )
        OR (
          ABS("t14"."sold_quantity") > 0.0005
        )
        OR (
          "t14"."incomplete" <> 0
        ) AS "counts",
        "t14"."amount",
        "t14"."units",
        "t14"."discount"
      FROM (
        SELECT
          "t13"."order_id",
          "t13"."person_id",
          "t13"."business_day",
          "t13"."category_1",
          SUM("t13"."amount") AS "amount",
          CAST(ROUND(SUM(COALESCE("t13"."quantity", 0.0)) * 1000, 0) AS BIGINT) AS "units",
          SUM("t13"."discount") AS "discount",
          COALESCE(SUM("t13"."amount") FILTER(WHERE
            "t13"."kind" = 'sale'), 0) AS "sold_amount",
          COALESCE(SUM(COALESCE("t13"."quantity", 0.0)) FILTER(WHERE
            "t13"."kind" = 'sale'), 0.0) AS "sold_quantity",
          COALESCE(
            SUM(CAST(CASE WHEN "t13"."is_reversal" THEN -1 ELSE 1 END AS BIGINT)) FILTER(WHERE
              (
                "t13"."kind" = 'sale'
              ) AND (
                (
                  "t13"."flags" & 6
                ) <> 0
              )),
            0
          ) AS "incomplete"
        FROM (
          SELECT
            "t12"."fact_id",
            "t12"."order_id",
            "t12"."line_no",
            "t12"."kind",
            "t12"."is_reversal",
            "t12"."person_id",
            "t12"."org_unit_id",
            "t12"."sku_id",
            "t12"."source_id",
            "t12"."occurred_at",
            "t12"."business_day",
            "t12"."channel",
            "t12"."quantity",
            "t12"."amount",
            "t12"."discount",
            "t12"."coupon_discount",
            "t12"."flags",
            "t12"."seq",
            "t8"."category_1"
          FROM (
            SELECT
              "t10".*
              EXCLUDE ("born_id", "canonical_id")
            FROM (
              SELECT
                "t9"."fact_id",
                "t9"."order_id",
                "t9"."line_no",
                "t9"."kind",
                "t9"."is_reversal",
                COALESCE("t9"."canonical_id", "t9"."person_id") AS "person_id",
                "t9"."org_unit_id",
                "t9"."sku_id",
                "t9"."source_id",
                "t9"."occurred_at",
                "t9"."business_day",
                "t9"."channel",
                "t9"."quantity",
                "t9"."amount",
                "t9"."discount",
                "t9"."coupon_discount",
                "t9"."flags",
                "t9"."seq",
                "t9"."born_id",
                "t9"."canonical_id"
              FROM (
                SELECT
                  "t6"."fact_id",
                  "t6"."order_id",
                  "t6"."line_no",
                  "t6"."kind",
                  "t6"."is_reversal",
                  "t6"."person_id",
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
                  "t7"."born_id",
                  "t7"."canonical_id"
                FROM (
                  SELECT
                    *
                  FROM "order_lines" AS "t1"
                  WHERE
                    "t1"."business_day" >= MAKE_DATE(2025, 12, 18) AND "t1"."person_id" IS NOT NULL
                ) AS "t6"
                LEFT OUTER JOIN (
                  SELECT
                    "t2"."person_id" AS "born_id",
                    CAST("t2"."number" AS BIGINT) AS "canonical_id"
                  FROM "state_now" AS "t2"
                  WHERE
                    "t2"."key" = 'cluster' AND "t2"."number" IS NOT NULL
                ) AS "t7"
                  ON "t6"."person_id" = "t7"."born_id"
              ) AS "t9"
            ) AS "t10"
          ) AS "t12"
          INNER JOIN (
            SELECT
              "t0"."sku_id",
              NULLIF("t0"."category_1", '') AS "category_1"
            FROM "products" AS "t0"
            WHERE
              NULLIF("t0"."category_1", '') IS NOT NULL
          ) AS "t8"
            ON "t12"."sku_id" = "t8"."sku_id"
        ) AS "t13"
        GROUP BY
          1,
          2,
          3,
          4
      ) AS "t14"
    ) AS "t15"
    GROUP BY
      1
  ) AS "t16"
) AS "t17"
WHERE
  "t17"."is_member"
