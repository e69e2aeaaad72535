-- count(buy[category_2 in ("坚果")] last 90 days) >= 1 and absent(buy[category_2 in ("肉脯")])
-- 最近 90 天购买（中类是“坚果”）的次数至少 1 次，并且没有购买（中类是“肉脯”）的顾客。
-- Customers whose number of purchases (category, level 2 “坚果”) in the last 90 days is at least 1 and with no purchases (category, level 2 “肉脯”).
SELECT
  "t36"."person_id"
FROM (
  SELECT
    "t35"."person_id",
    COALESCE(COALESCE("t35"."v_0", 0) >= 1, FALSE) AND COALESCE("t35"."v_1", TRUE) AS "is_member",
    CASE
      WHEN NOT (
        COALESCE(COALESCE("t35"."v_0", 0) >= 1, FALSE) AND COALESCE("t35"."v_1", TRUE)
      )
      THEN GREATEST(
        CASE
          WHEN NOT (
            COALESCE(COALESCE("t35"."v_0", 0) >= 1, FALSE)
          )
          THEN LEAST(COALESCE(COALESCE("t35"."n_0", 1000000), 1000000), COALESCE(1000000, 1000000))
          ELSE -1
        END,
        CASE
          WHEN NOT (
            COALESCE("t35"."v_1", TRUE)
          )
          THEN COALESCE("t35"."n_1", 1000000)
          ELSE -1
        END
      )
      ELSE LEAST(
        LEAST(COALESCE(COALESCE("t35"."n_0", 1000000), 1000000), COALESCE(1000000, 1000000)),
        COALESCE("t35"."n_1", 1000000)
      )
    END AS "next_day"
  FROM (
    SELECT
      "t34".*
      EXCLUDE ("person_id_right")
    FROM (
      SELECT
        "t33"."person_id",
        "t33"."v_0",
        "t33"."n_0",
        "t32"."person_id" AS "person_id_right",
        "t32"."v_1",
        "t32"."n_1"
      FROM (
        SELECT
          "t29"."person_id",
          COALESCE("t29"."count_0", 0) AS "v_0",
          LEAST(
            COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t29"."enter_0") + 0, 1000000),
            COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t29"."leave_0") + 90, 1000000)
          ) AS "n_0"
        FROM (
          SELECT
            "t26"."person_id",
            SUM(
              CAST((
                "t26"."day" <= MAKE_DATE(2026, 6, 15)
              )
              AND (
                "t26"."day" >= MAKE_DATE(2026, 3, 18)
              )
              AND "t26"."counts" AS INT)
            ) AS "count_0",
            MIN("t26"."day") FILTER(WHERE
              "t26"."day" > MAKE_DATE(2026, 6, 15)) AS "enter_0",
            MIN("t26"."day") FILTER(WHERE
              (
                "t26"."day" <= MAKE_DATE(2026, 6, 15)
              )
              AND (
                "t26"."day" >= MAKE_DATE(2026, 3, 18)
              )) AS "leave_0"
          FROM (
            SELECT
              "t24"."person_id",
              "t24"."business_day" AS "day",
              "t24"."order_id" AS "event_id",
              (
                "t24"."sold_amount" <> 0
              )
              OR (
                ABS("t24"."sold_quantity") > 0.0005
              )
              OR (
                "t24"."incomplete" <> 0
              ) AS "counts",
              "t24"."amount",
              "t24"."units",
              "t24"."discount"
            FROM (
              SELECT
                "t22"."order_id",
                "t22"."person_id",
                "t22"."business_day",
                SUM("t22"."amount") AS "amount",
                CAST(ROUND(SUM(COALESCE("t22"."quantity", 0.0)) * 1000, 0) AS BIGINT) AS "units",
                SUM("t22"."discount") AS "discount",
                COALESCE(SUM("t22"."amount") FILTER(WHERE
                  "t22"."kind" = 'sale'), 0) AS "sold_amount",
                COALESCE(SUM(COALESCE("t22"."quantity", 0.0)) FILTER(WHERE
                  "t22"."kind" = 'sale'), 0.0) AS "sold_quantity",
                COALESCE(
                  SUM(CAST(CASE WHEN "t22"."is_reversal" THEN -1 ELSE 1 END AS BIGINT)) FILTER(WHERE
                    (
                      "t22"."kind" = 'sale'
                    ) AND (
                      (
                        "t22"."flags" & 6
                      ) <> 0
                    )),
                  0
                ) AS "incomplete"
              FROM (
                SELECT
                  "t20".*
                  EXCLUDE ("canonical_id", "born_id")
                FROM (
                  SELECT
                    "t18"."fact_id",
                    "t18"."order_id",
                    "t18"."line_no",
                    "t18"."kind",
                    "t18"."is_reversal",
                    COALESCE("t18"."canonical_id", "t18"."person_id") AS "person_id",
                    "t18"."org_unit_id",
                    "t18"."sku_id",
                    "t18"."source_id",
                    "t18"."occurred_at",
                    "t18"."business_day",
                    "t18"."channel",
                    "t18"."quantity",
                    "t18"."amount",
                    "t18"."discount",
                    "t18"."coupon_discount",
                    "t18"."flags",
                    "t18"."seq",
                    "t18"."born_id",
                    "t18"."canonical_id"
                  FROM (
                    SELECT
                      "t16"."fact_id",
                      "t16"."order_id",
                      "t16"."line_no",
                      "t16"."kind",
                      "t16"."is_reversal",
                      "t16"."person_id",
                      "t16"."org_unit_id",
                      "t16"."sku_id",
                      "t16"."source_id",
                      "t16"."occurred_at",
                      "t16"."business_day",
                      "t16"."channel",
                      "t16"."quantity",
                      "t16"."amount",
                      "t16"."discount",
                      "t16"."coupon_discount",
                      "t16"."flags",
                      "t16"."seq",
                      "t6"."born_id",
                      "t6"."canonical_id"
                    FROM (
                      SELECT
                        *
                      FROM (
                        SELECT
                          "t7"."fact_id",
                          "t7"."order_id",
                          "t7"."line_no",
                          "t7"."kind",
                          "t7"."is_reversal",
                          "t7"."person_id",
                          "t7"."org_unit_id",
                          "t7"."sku_id",
                          "t7"."source_id",
                          "t7"."occurred_at",
                          "t7"."business_day",
                          "t7"."channel",
                          "t7"."quantity",
                          "t7"."amount",
                          "t7"."discount",
                          "t7"."coupon_discount",
                          "t7"."flags",
                          "t7"."seq"
                        FROM (
                          SELECT
                            *
                          FROM "order_lines" AS "t1"
                          WHERE
                            "t1"."business_day" >= MAKE_DATE(2026, 3, 18)
                        ) AS "t7"
                        SEMI JOIN (
                          SELECT
                            "t2"."sku_id"
                          FROM "products" AS "t2"
                          WHERE
                            COALESCE(NULLIF("t2"."category_2", '') IN ('坚果'), FALSE)
                        ) AS "t10"
                          ON "t7"."sku_id" = "t10"."sku_id"
                      ) AS "t12"
                      WHERE
                        "t12"."person_id" IS NOT NULL
                    ) AS "t16"
                    LEFT OUTER JOIN (
                      SELECT
                        "t0"."person_id" AS "born_id",
                        CAST("t0"."number" AS BIGINT) AS "canonical_id"
                      FROM "state_now" AS "t0"
                      WHERE
                        "t0"."key" = 'cluster' AND "t0"."number" IS NOT NULL
                    ) AS "t6"
                      ON "t16"."person_id" = "t6"."born_id"
                  ) AS "t18"
                ) AS "t20"
              ) AS "t22"
              GROUP BY
                1,
                2,
                3
            ) AS "t24"
          ) AS "t26"
          GROUP BY
            1
        ) AS "t29"
      ) AS "t33"
      LEFT OUTER JOIN (
        SELECT
          "t28"."person_id",
          "t28"."last_1" IS NULL AS "v_1",
          CASE
            WHEN "t28"."last_1" IS NULL
            THEN COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t28"."enter_1") + 0, 1000000)
            ELSE 1000000
          END AS "n_1"
        FROM (
          SELECT
            "t27"."person_id",
            MAX("t27"."day") FILTER(WHERE
              (
                "t27"."day" <= MAKE_DATE(2026, 6, 15)
              ) AND "t27"."counts") AS "last_1",
            MIN("t27"."day") FILTER(WHERE
              (
                "t27"."day" > MAKE_DATE(2026, 6, 15)
              ) AND "t27"."counts") AS "enter_1"
          FROM (
            SELECT
              "t25"."person_id",
              "t25"."business_day" AS "day",
              "t25"."order_id" AS "event_id",
              (
                "t25"."sold_amount" <> 0
              )
              OR (
                ABS("t25"."sold_quantity") > 0.0005
              )
              OR (
                "t25"."incomplete" <> 0
              ) AS "counts",
              "t25"."amount",
              "t25"."units",
              "t25"."discount"
            FROM (
              SELECT
                "t23"."order_id",
                "t23"."person_id",
                "t23"."business_day",
                SUM("t23"."amount") AS "amount",
                CAST(ROUND(SUM(COALESCE("t23"."quantity", 0.0)) * 1000, 0) AS BIGINT) AS "units",
                SUM("t23"."discount") AS "discount",
                COALESCE(SUM("t23"."amount") FILTER(WHERE
                  "t23"."kind" = 'sale'), 0) AS "sold_amount",
                COALESCE(SUM(COALESCE("t23"."quantity", 0.0)) FILTER(WHERE
                  "t23"."kind" = 'sale'), 0.0) AS "sold_quantity",
                COALESCE(
                  SUM(CAST(CASE WHEN "t23"."is_reversal" THEN -1 ELSE 1 END AS BIGINT)) FILTER(WHERE
                    (
                      "t23"."kind" = 'sale'
                    ) AND (
                      (
                        "t23"."flags" & 6
                      ) <> 0
                    )),
                  0
                ) AS "incomplete"
              FROM (
                SELECT
                  "t21".*
                  EXCLUDE ("canonical_id", "born_id")
                FROM (
                  SELECT
                    "t19"."fact_id",
                    "t19"."order_id",
                    "t19"."line_no",
                    "t19"."kind",
                    "t19"."is_reversal",
                    COALESCE("t19"."canonical_id", "t19"."person_id") AS "person_id",
                    "t19"."org_unit_id",
                    "t19"."sku_id",
                    "t19"."source_id",
                    "t19"."occurred_at",
                    "t19"."business_day",
                    "t19"."channel",
                    "t19"."quantity",
                    "t19"."amount",
                    "t19"."discount",
                    "t19"."coupon_discount",
                    "t19"."flags",
                    "t19"."seq",
                    "t19"."born_id",
                    "t19"."canonical_id"
                  FROM (
                    SELECT
                      "t17"."fact_id",
                      "t17"."order_id",
                      "t17"."line_no",
                      "t17"."kind",
                      "t17"."is_reversal",
                      "t17"."person_id",
                      "t17"."org_unit_id",
                      "t17"."sku_id",
                      "t17"."source_id",
                      "t17"."occurred_at",
                      "t17"."business_day",
                      "t17"."channel",
                      "t17"."quantity",
                      "t17"."amount",
                      "t17"."discount",
                      "t17"."coupon_discount",
                      "t17"."flags",
                      "t17"."seq",
                      "t6"."born_id",
                      "t6"."canonical_id"
                    FROM (
                      SELECT
                        *
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
                          "t3"."seq"
                        FROM "order_lines" AS "t3"
                        SEMI JOIN (
                          SELECT
                            "t2"."sku_id"
                          FROM "products" AS "t2"
                          WHERE
                            COALESCE(NULLIF("t2"."category_2", '') IN ('肉脯'), FALSE)
                        ) AS "t11"
                          ON "t3"."sku_id" = "t11"."sku_id"
                      ) AS "t13"
                      WHERE
                        "t13"."person_id" IS NOT NULL
                    ) AS "t17"
                    LEFT OUTER JOIN (
                      SELECT
                        "t0"."person_id" AS "born_id",
                        CAST("t0"."number" AS BIGINT) AS "canonical_id"
                      FROM "state_now" AS "t0"
                      WHERE
                        "t0"."key" = 'cluster' AND "t0"."number" IS NOT NULL
                    ) AS "t6"
                      ON "t17"."person_id" = "t6"."born_id"
                  ) AS "t19"
                ) AS "t21"
              ) AS "t23"
              GROUP BY
                1,
                2,
                3
            ) AS "t25"
          ) AS "t27"
          GROUP BY
            1
        ) AS "t28"
      ) AS "t32"
        ON "t33"."person_id" = "t32"."person_id"
    ) AS "t34"
  ) AS "t35"
) AS "t36"
WHERE
  "t36"."is_member"
