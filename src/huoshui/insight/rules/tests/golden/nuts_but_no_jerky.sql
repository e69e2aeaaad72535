-- count(buy[category_2 in ("坚果")] last 90 days) >= 1 and absent(buy[category_2 in ("肉脯")])
-- 最近 90 天购买（中类是“坚果”）的次数至少 1 次，并且没有购买（中类是“肉脯”）的顾客。
-- Customers whose number of purchases (category, level 2 “坚果”) in the last 90 days is at least 1 and with no purchases (category, level 2 “肉脯”).
SELECT
  "t21"."person_id"
FROM (
  SELECT
    "t20"."person_id",
    COALESCE(COALESCE("t20"."v_0", 0) >= 1, FALSE) AND COALESCE("t20"."v_1", TRUE) AS "is_member",
    CASE
      WHEN NOT (
        COALESCE(COALESCE("t20"."v_0", 0) >= 1, FALSE) AND COALESCE("t20"."v_1", TRUE)
      )
      THEN GREATEST(
        CASE
          WHEN NOT (
            COALESCE(COALESCE("t20"."v_0", 0) >= 1, FALSE)
          )
          THEN COALESCE("t20"."n_0", 1000000)
          ELSE -1
        END,
        CASE
          WHEN NOT (
            COALESCE("t20"."v_1", TRUE)
          )
          THEN COALESCE("t20"."n_1", 1000000)
          ELSE -1
        END
      )
      ELSE LEAST(COALESCE("t20"."n_0", 1000000), COALESCE("t20"."n_1", 1000000))
    END AS "next_day"
  FROM (
    SELECT
      "t19"."person_id",
      COALESCE("t19"."count_0", 0) AS "v_0",
      LEAST(
        COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t19"."enter_0") + 0, 1000000),
        COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t19"."leave_0") + 90, 1000000)
      ) AS "n_0",
      "t19"."last_1" IS NULL AS "v_1",
      CASE
        WHEN "t19"."last_1" IS NULL
        THEN COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t19"."enter_1") + 0, 1000000)
        ELSE 1000000
      END AS "n_1"
    FROM (
      SELECT
        "t18"."person_id",
        COUNT("t18"."c_0") AS "count_0",
        MIN("t18"."c_1") AS "enter_0",
        MIN("t18"."c_2") AS "leave_0",
        MAX("t18"."c_3") AS "last_1",
        MIN("t18"."c_4") AS "enter_1"
      FROM (
        SELECT
          "t17"."order_id",
          "t17"."person_id",
          "t17"."business_day",
          "t17"."sold_amount_0",
          "t17"."sold_quantity_0",
          "t17"."incomplete_0",
          "t17"."here_0",
          "t17"."sold_amount_1",
          "t17"."sold_quantity_1",
          "t17"."incomplete_1",
          "t17"."here_1",
          CASE
            WHEN "t17"."here_0"
            AND (
              (
                "t17"."business_day" <= MAKE_DATE(2026, 6, 15)
              )
              AND (
                "t17"."business_day" >= MAKE_DATE(2026, 3, 18)
              )
            )
            AND (
              (
                COALESCE("t17"."sold_amount_0", 0) <> 0
              )
              OR (
                ABS(COALESCE("t17"."sold_quantity_0", 0.0)) > 0.0005
              )
              OR (
                COALESCE("t17"."incomplete_0", 0) <> 0
              )
            )
            THEN "t17"."business_day"
            ELSE CAST(NULL AS DATE)
          END AS "c_0",
          CASE
            WHEN "t17"."here_0" AND (
              "t17"."business_day" > MAKE_DATE(2026, 6, 15)
            )
            THEN "t17"."business_day"
            ELSE CAST(NULL AS DATE)
          END AS "c_1",
          CASE
            WHEN "t17"."here_0"
            AND (
              (
                "t17"."business_day" <= MAKE_DATE(2026, 6, 15)
              )
              AND (
                "t17"."business_day" >= MAKE_DATE(2026, 3, 18)
              )
            )
            THEN "t17"."business_day"
            ELSE CAST(NULL AS DATE)
          END AS "c_2",
          CASE
            WHEN "t17"."here_1"
            AND (
              "t17"."business_day" <= MAKE_DATE(2026, 6, 15)
            )
            AND (
              (
                COALESCE("t17"."sold_amount_1", 0) <> 0
              )
              OR (
                ABS(COALESCE("t17"."sold_quantity_1", 0.0)) > 0.0005
              )
              OR (
                COALESCE("t17"."incomplete_1", 0) <> 0
              )
            )
            THEN "t17"."business_day"
            ELSE CAST(NULL AS DATE)
          END AS "c_3",
          CASE
            WHEN "t17"."here_1"
            AND (
              "t17"."business_day" > MAKE_DATE(2026, 6, 15)
            )
            AND (
              (
                COALESCE("t17"."sold_amount_1", 0) <> 0
              )
              OR (
                ABS(COALESCE("t17"."sold_quantity_1", 0.0)) > 0.0005
              )
              OR (
                COALESCE("t17"."incomplete_1", 0) <> 0
              )
            )
            THEN "t17"."business_day"
            ELSE CAST(NULL AS DATE)
          END AS "c_4"
        FROM (
          SELECT
            "t16"."order_id",
            "t16"."person_id",
            "t16"."business_day",
            SUM(
              CASE
                WHEN "t16"."l_0" AND (
                  "t16"."kind" = 'sale'
                )
                THEN "t16"."amount"
                ELSE CAST(NULL AS BIGINT)
              END
            ) AS "sold_amount_0",
            SUM(
              CASE
                WHEN "t16"."l_0" AND (
                  "t16"."kind" = 'sale'
                )
                THEN COALESCE("t16"."quantity", 0.0)
                ELSE CAST(NULL AS DOUBLE)
              END
            ) AS "sold_quantity_0",
            SUM(
              CASE
                WHEN "t16"."l_0"
                AND (
                  "t16"."kind" = 'sale'
                )
                AND (
                  (
                    "t16"."flags" & 6
                  ) <> 0
                )
                THEN CAST(CASE WHEN "t16"."is_reversal" THEN -1 ELSE 1 END AS BIGINT)
                ELSE CAST(NULL AS BIGINT)
              END
            ) AS "incomplete_0",
            BOOL_OR(CAST("t16"."l_0" AS BOOLEAN)) AS "here_0",
            SUM(
              CASE
                WHEN "t16"."l_1" AND (
                  "t16"."kind" = 'sale'
                )
                THEN "t16"."amount"
                ELSE CAST(NULL AS BIGINT)
              END
            ) AS "sold_amount_1",
            SUM(
              CASE
                WHEN "t16"."l_1" AND (
                  "t16"."kind" = 'sale'
                )
                THEN COALESCE("t16"."quantity", 0.0)
                ELSE CAST(NULL AS DOUBLE)
              END
            ) AS "sold_quantity_1",
            SUM(
              CASE
                WHEN "t16"."l_1"
                AND (
                  "t16"."kind" = 'sale'
                )
                AND (
                  (
                    "t16"."flags" & 6
                  ) <> 0
                )
                THEN CAST(CASE WHEN "t16"."is_reversal" THEN -1 ELSE 1 END AS BIGINT)
                ELSE CAST(NULL AS BIGINT)
              END
            ) AS "incomplete_1",
            BOOL_OR(CAST("t16"."l_1" AS BOOLEAN)) AS "here_1"
          FROM (
            SELECT
              "t15".*
              EXCLUDE ("born_id", "canonical_id")
            FROM (
              SELECT
                "t14"."fact_id",
                "t14"."order_id",
                "t14"."line_no",
                "t14"."kind",
                "t14"."is_reversal",
                COALESCE("t14"."canonical_id", "t14"."person_id") AS "person_id",
                "t14"."org_unit_id",
                "t14"."sku_id",
                "t14"."source_id",
                "t14"."occurred_at",
                "t14"."business_day",
                "t14"."channel",
                "t14"."quantity",
                "t14"."amount",
                "t14"."discount",
                "t14"."coupon_discount",
                "t14"."flags",
                "t14"."seq",
                "t14"."l_0",
                "t14"."l_1",
                "t14"."born_id",
                "t14"."canonical_id"
              FROM (
                SELECT
                  "t13"."fact_id",
                  "t13"."order_id",
                  "t13"."line_no",
                  "t13"."kind",
                  "t13"."is_reversal",
                  "t13"."person_id",
                  "t13"."org_unit_id",
                  "t13"."sku_id",
                  "t13"."source_id",
                  "t13"."occurred_at",
                  "t13"."business_day",
                  "t13"."channel",
                  "t13"."quantity",
                  "t13"."amount",
                  "t13"."discount",
                  "t13"."coupon_discount",
                  "t13"."flags",
                  "t13"."seq",
                  "t13"."l_0",
                  "t13"."l_1",
                  "t5"."born_id",
                  "t5"."canonical_id"
                FROM (
                  SELECT
                    *
                  FROM (
                    SELECT
                      "t10".*
                      EXCLUDE ("h_1", "h_0")
                    FROM (
                      SELECT
                        "t9"."fact_id",
                        "t9"."order_id",
                        "t9"."line_no",
                        "t9"."kind",
                        "t9"."is_reversal",
                        "t9"."person_id",
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
                        "t9"."h_0",
                        "t9"."h_1",
                        COALESCE("t9"."h_0", FALSE) AS "l_0",
                        COALESCE("t9"."h_1", FALSE) AS "l_1"
                      FROM (
                        SELECT
                          "t8".*
                          EXCLUDE ("sku_id_right")
                        FROM (
                          SELECT
                            "t3"."fact_id",
                            "t3"."order_id",
                            "t3"."line_no",
                            "t3"."kind",
                            "t3"."is_reversal",
                            "t3"."person_id",
                            "t3"."org_unit_id",
                            "t3"."sku_id",
                            "t3"."source_id",
                            "t3"."occurred_at",
                            "t3"."business_day",
                            "t3"."channel",
                            "t3"."quantity",
                            "t3"."amount",
                            "t3"."discount",
                            "t3"."coupon_discount",
                            "t3"."flags",
                            "t3"."seq",
                            "t7"."sku_id" AS "sku_id_right",
                            "t7"."h_0",
                            "t7"."h_1"
                          FROM "order_lines" AS "t3"
                          LEFT OUTER JOIN (
                            SELECT
                              "t2"."sku_id",
                              COALESCE(NULLIF("t2"."category_2", '') IN ('坚果'), FALSE) AS "h_0",
                              COALESCE(NULLIF("t2"."category_2", '') IN ('肉脯'), FALSE) AS "h_1"
                            FROM "products" AS "t2"
                          ) AS "t7"
                            ON "t3"."sku_id" = "t7"."sku_id"
                        ) AS "t8"
                      ) AS "t9"
                      WHERE
                        COALESCE("t9"."h_0", FALSE) OR COALESCE("t9"."h_1", FALSE)
                    ) AS "t10"
                  ) AS "t11"
                  WHERE
                    "t11"."person_id" IS NOT NULL
                ) AS "t13"
                LEFT OUTER JOIN (
                  SELECT
                    "t0"."person_id" AS "born_id",
                    CAST("t0"."number" AS BIGINT) AS "canonical_id"
                  FROM "state_now" AS "t0"
                  WHERE
                    "t0"."key" = 'cluster' AND "t0"."number" IS NOT NULL
                ) AS "t5"
                  ON "t13"."person_id" = "t5"."born_id"
              ) AS "t14"
            ) AS "t15"
          ) AS "t16"
          GROUP BY
            1,
            2,
            3
        ) AS "t17"
      ) AS "t18"
      GROUP BY
        1
    ) AS "t19"
  ) AS "t20"
) AS "t21"
WHERE
  "t21"."is_member"
