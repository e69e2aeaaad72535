-- sequence(["Product Viewed" last 30 days, "Cart Filled"], 2, without="Order Completed")
-- 先最近 30 天“Product Viewed”，然后“Cart Filled”（每两步相隔不超过 2 天，其间没有“Order Completed”）的顾客。
-- Customers with "Product Viewed" in the last 30 days, then "Cart Filled" (no more than 2 days from step to step, without "Order Completed" between them).
SELECT
  "t45"."person_id"
FROM (
  SELECT
    "t39"."person_id",
    COALESCE("t44"."v", FALSE) AS "v",
    "t39"."n"
  FROM (
    SELECT
      "t36"."person_id",
      MIN("t36"."n") AS "n"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t27"."person_id",
          COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t27"."enter_all") + 0, 1000000) AS "n"
        FROM (
          SELECT
            "t19"."person_id",
            MIN("t19"."day") FILTER(WHERE
              "t19"."day" > MAKE_DATE(2026, 6, 15)) AS "enter_all"
          FROM (
            SELECT
              "t16"."person_id",
              "t16"."business_day" AS "day",
              "t16"."fact_id" AS "event_id",
              TRUE AS "counts",
              "t16"."amount",
              "t16"."occurred_at" AS "at"
            FROM (
              SELECT
                "t13".*
                EXCLUDE ("born_id", "canonical_id")
              FROM (
                SELECT
                  "t10"."fact_id",
                  "t10"."order_id",
                  "t10"."name",
                  COALESCE("t10"."canonical_id", "t10"."person_id") AS "person_id",
                  "t10"."org_unit_id",
                  "t10"."source_id",
                  "t10"."occurred_at",
                  "t10"."business_day",
                  "t10"."amount",
                  "t10"."seq",
                  "t10"."born_id",
                  "t10"."canonical_id"
                FROM (
                  SELECT
                    "t6"."fact_id",
                    "t6"."order_id",
                    "t6"."name",
                    "t6"."person_id",
                    "t6"."org_unit_id",
                    "t6"."source_id",
                    "t6"."occurred_at",
                    "t6"."business_day",
                    "t6"."amount",
                    "t6"."seq",
                    "t9"."born_id",
                    "t9"."canonical_id"
                  FROM (
                    SELECT
                      *
                    FROM "facts" AS "t0"
                    WHERE
                      "t0"."name" = 'Order Completed' AND "t0"."person_id" IS NOT NULL
                  ) AS "t6"
                  LEFT OUTER JOIN (
                    SELECT
                      "t1"."person_id" AS "born_id",
                      CAST("t1"."number" AS BIGINT) AS "canonical_id"
                    FROM "state_now" AS "t1"
                    WHERE
                      "t1"."key" = 'cluster' AND "t1"."number" IS NOT NULL
                  ) AS "t9"
                    ON "t6"."person_id" = "t9"."born_id"
                ) AS "t10"
              ) AS "t13"
            ) AS "t16"
          ) AS "t19"
          GROUP BY
            1
        ) AS "t27"
      ) AS "t31"
      UNION ALL
      SELECT
        *
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t29"."person_id",
            LEAST(
              COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t29"."enter_all") + 0, 1000000),
              COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t29"."leave_all") + 30, 1000000)
            ) AS "n"
          FROM (
            SELECT
              "t20"."person_id",
              MIN("t20"."day") FILTER(WHERE
                "t20"."day" > MAKE_DATE(2026, 6, 15)) AS "enter_all",
              MIN("t20"."day") FILTER(WHERE
                (
                  "t20"."day" <= MAKE_DATE(2026, 6, 15)
                )
                AND (
                  "t20"."day" >= MAKE_DATE(2026, 5, 17)
                )) AS "leave_all"
            FROM (
              SELECT
                "t17"."person_id",
                "t17"."business_day" AS "day",
                "t17"."fact_id" AS "event_id",
                TRUE AS "counts",
                "t17"."amount",
                "t17"."occurred_at" AS "at"
              FROM (
                SELECT
                  "t14".*
                  EXCLUDE ("born_id", "canonical_id")
                FROM (
                  SELECT
                    "t11"."fact_id",
                    "t11"."order_id",
                    "t11"."name",
                    COALESCE("t11"."canonical_id", "t11"."person_id") AS "person_id",
                    "t11"."org_unit_id",
                    "t11"."source_id",
                    "t11"."occurred_at",
                    "t11"."business_day",
                    "t11"."amount",
                    "t11"."seq",
                    "t11"."born_id",
                    "t11"."canonical_id"
                  FROM (
                    SELECT
                      "t8"."fact_id",
                      "t8"."order_id",
                      "t8"."name",
                      "t8"."person_id",
                      "t8"."org_unit_id",
                      "t8"."source_id",
                      "t8"."occurred_at",
                      "t8"."business_day",
                      "t8"."amount",
                      "t8"."seq",
                      "t9"."born_id",
                      "t9"."canonical_id"
                    FROM (
                      SELECT
                        *
                      FROM "facts" AS "t0"
                      WHERE
                        "t0"."name" = 'Product Viewed'
                        AND "t0"."business_day" >= MAKE_DATE(2026, 5, 17)
                        AND "t0"."person_id" IS NOT NULL
                    ) AS "t8"
                    LEFT OUTER JOIN (
                      SELECT
                        "t1"."person_id" AS "born_id",
                        CAST("t1"."number" AS BIGINT) AS "canonical_id"
                      FROM "state_now" AS "t1"
                      WHERE
                        "t1"."key" = 'cluster' AND "t1"."number" IS NOT NULL
                    ) AS "t9"
                      ON "t8"."person_id" = "t9"."born_id"
                  ) AS "t11"
                ) AS "t14"
              ) AS "t17"
            ) AS "t20"
            GROUP BY
              1
          ) AS "t29"
        ) AS "t34"
        UNION ALL
        SELECT
          *
        FROM (
          SELECT
            "t28"."person_id",
            COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t28"."enter_all") + 0, 1000000) AS "n"
          FROM (
            SELECT
              "t21"."person_id",
              MIN("t21"."day") FILTER(WHERE
                "t21"."day" > MAKE_DATE(2026, 6, 15)) AS "enter_all"
            FROM (
              SELECT
                "t18"."person_id",
                "t18"."business_day" AS "day",
                "t18"."fact_id" AS "event_id",
                TRUE AS "counts",
                "t18"."amount",
                "t18"."occurred_at" AS "at"
              FROM (
                SELECT
                  "t15".*
                  EXCLUDE ("born_id", "canonical_id")
                FROM (
                  SELECT
                    "t12"."fact_id",
                    "t12"."order_id",
                    "t12"."name",
                    COALESCE("t12"."canonical_id", "t12"."person_id") AS "person_id",
                    "t12"."org_unit_id",
                    "t12"."source_id",
                    "t12"."occurred_at",
                    "t12"."business_day",
                    "t12"."amount",
                    "t12"."seq",
                    "t12"."born_id",
                    "t12"."canonical_id"
                  FROM (
                    SELECT
                      "t7"."fact_id",
                      "t7"."order_id",
                      "t7"."name",
                      "t7"."person_id",
                      "t7"."org_unit_id",
                      "t7"."source_id",
                      "t7"."occurred_at",
                      "t7"."business_day",
                      "t7"."amount",
                      "t7"."seq",
                      "t9"."born_id",
                      "t9"."canonical_id"
                    FROM (
                      SELECT
                        *
                      FROM "facts" AS "t0"
                      WHERE
                        "t0"."name" = 'Cart Filled' AND "t0"."person_id" IS NOT NULL
                    ) AS "t7"
                    LEFT OUTER JOIN (
                      SELECT
                        "t1"."person_id" AS "born_id",
                        CAST("t1"."number" AS BIGINT) AS "canonical_id"
                      FROM "state_now" AS "t1"
                      WHERE
                        "t1"."key" = 'cluster' AND "t1"."number" IS NOT NULL
                    ) AS "t9"
                      ON "t7"."person_id" = "t9"."born_id"
                  ) AS "t12"
                ) AS "t15"
              ) AS "t18"
            ) AS "t21"
            GROUP BY
              1
          ) AS "t28"
        ) AS "t32"
      ) AS "t35"
    ) AS "t36"
    GROUP BY
      1
  ) AS "t39"
  LEFT OUTER JOIN (
    SELECT
      "t42"."person_id",
      TRUE AS "v"
    FROM (
      SELECT DISTINCT
        "t41"."person_id"
      FROM (
        SELECT
          "t40"."person_id",
          "t40"."at",
          "t40"."s0",
          "t40"."s1",
          "t40"."bad",
          CASE
            WHEN "t40"."s1"
            AND COALESCE(
              (
                (
                  DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), CAST("t40"."at" AS DATE)) - DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), CAST("t40"."last" AS DATE))
                ) <= 2
              )
              AND (
                (
                  "t40"."bad" IS NULL
                ) OR (
                  "t40"."bad" <= "t40"."last"
                )
              ),
              FALSE
            )
            THEN "t40"."at"
            ELSE CAST(NULL AS TIMESTAMPTZ)
          END AS "got",
          "t40"."last"
        FROM (
          SELECT
            "t37"."person_id",
            "t37"."at",
            "t37"."s0",
            "t37"."s1",
            "t37"."bad",
            "t37"."got",
            MAX("t37"."got") OVER (
              PARTITION BY "t37"."person_id"
              ORDER BY "t37"."at" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND 1 preceding
            ) AS "last"
          FROM (
            SELECT
              "t33"."person_id",
              "t33"."at",
              "t33"."s0",
              "t33"."s1",
              MAX(CASE WHEN "t33"."bad" THEN "t33"."at" ELSE CAST(NULL AS TIMESTAMPTZ) END) OVER (
                PARTITION BY "t33"."person_id"
                ORDER BY "t33"."at" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 preceding
              ) AS "bad",
              "t33"."got"
            FROM (
              SELECT
                "t30"."person_id",
                "t30"."at",
                "t30"."s0",
                "t30"."s1",
                "t30"."bad",
                CASE WHEN "t30"."s0" THEN "t30"."at" ELSE CAST(NULL AS TIMESTAMPTZ) END AS "got"
              FROM (
                SELECT
                  "t26"."person_id",
                  "t26"."at",
                  BOOL_OR(CAST("t26"."step" = 's0' AS BOOLEAN)) AS "s0",
                  BOOL_OR(CAST("t26"."step" = 's1' AS BOOLEAN)) AS "s1",
                  BOOL_OR(CAST("t26"."step" = 'bad' AS BOOLEAN)) AS "bad"
                FROM (
                  SELECT
                    *
                  FROM (
                    SELECT
                      "t16"."person_id",
                      "t16"."occurred_at" AS "at",
                      'bad' AS "step"
                    FROM (
                      SELECT
                        "t13".*
                        EXCLUDE ("born_id", "canonical_id")
                      FROM (
                        SELECT
                          "t10"."fact_id",
                          "t10"."order_id",
                          "t10"."name",
                          COALESCE("t10"."canonical_id", "t10"."person_id") AS "person_id",
                          "t10"."org_unit_id",
                          "t10"."source_id",
                          "t10"."occurred_at",
                          "t10"."business_day",
                          "t10"."amount",
                          "t10"."seq",
                          "t10"."born_id",
                          "t10"."canonical_id"
                        FROM (
                          SELECT
                            "t6"."fact_id",
                            "t6"."order_id",
                            "t6"."name",
                            "t6"."person_id",
                            "t6"."org_unit_id",
                            "t6"."source_id",
                            "t6"."occurred_at",
                            "t6"."business_day",
                            "t6"."amount",
                            "t6"."seq",
                            "t9"."born_id",
                            "t9"."canonical_id"
                          FROM (
                            SELECT
                              *
                            FROM "facts" AS "t0"
                            WHERE
                              "t0"."name" = 'Order Completed' AND "t0"."person_id" IS NOT NULL
                          ) AS "t6"
                          LEFT OUTER JOIN (
                            SELECT
                              "t1"."person_id" AS "born_id",
                              CAST("t1"."number" AS BIGINT) AS "canonical_id"
                            FROM "state_now" AS "t1"
                            WHERE
                              "t1"."key" = 'cluster' AND "t1"."number" IS NOT NULL
                          ) AS "t9"
                            ON "t6"."person_id" = "t9"."born_id"
                        ) AS "t10"
                      ) AS "t13"
                    ) AS "t16"
                    WHERE
                      "t16"."business_day" <= MAKE_DATE(2026, 6, 15) AND TRUE
                  ) AS "t22"
                  UNION ALL
                  SELECT
                    *
                  FROM (
                    SELECT
                      *
                    FROM (
                      SELECT
                        "t17"."person_id",
                        "t17"."occurred_at" AS "at",
                        's0' AS "step"
                      FROM (
                        SELECT
                          "t14".*
                          EXCLUDE ("born_id", "canonical_id")
                        FROM (
                          SELECT
                            "t11"."fact_id",
                            "t11"."order_id",
                            "t11"."name",
                            COALESCE("t11"."canonical_id", "t11"."person_id") AS "person_id",
                            "t11"."org_unit_id",
                            "t11"."source_id",
                            "t11"."occurred_at",
                            "t11"."business_day",
                            "t11"."amount",
                            "t11"."seq",
                            "t11"."born_id",
                            "t11"."canonical_id"
                          FROM (
                            SELECT
                              "t8"."fact_id",
                              "t8"."order_id",
                              "t8"."name",
                              "t8"."person_id",
                              "t8"."org_unit_id",
                              "t8"."source_id",
                              "t8"."occurred_at",
                              "t8"."business_day",
                              "t8"."amount",
                              "t8"."seq",
                              "t9"."born_id",
                              "t9"."canonical_id"
                            FROM (
                              SELECT
                                *
                              FROM "facts" AS "t0"
                              WHERE
                                "t0"."name" = 'Product Viewed'
                                AND "t0"."business_day" >= MAKE_DATE(2026, 5, 17)
                                AND "t0"."person_id" IS NOT NULL
                            ) AS "t8"
                            LEFT OUTER JOIN (
                              SELECT
                                "t1"."person_id" AS "born_id",
                                CAST("t1"."number" AS BIGINT) AS "canonical_id"
                              FROM "state_now" AS "t1"
                              WHERE
                                "t1"."key" = 'cluster' AND "t1"."number" IS NOT NULL
                            ) AS "t9"
                              ON "t8"."person_id" = "t9"."born_id"
                          ) AS "t11"
                        ) AS "t14"
                      ) AS "t17"
                      WHERE
                        "t17"."business_day" <= MAKE_DATE(2026, 6, 15)
                        AND "t17"."business_day" >= MAKE_DATE(2026, 5, 17)
                        AND TRUE
                    ) AS "t23"
                    UNION ALL
                    SELECT
                      *
                    FROM (
                      SELECT
                        "t18"."person_id",
                        "t18"."occurred_at" AS "at",
                        's1' AS "step"
                      FROM (
                        SELECT
                          "t15".*
                          EXCLUDE ("born_id", "canonical_id")
                        FROM (
                          SELECT
                            "t12"."fact_id",
                            "t12"."order_id",
                            "t12"."name",
                            COALESCE("t12"."canonical_id", "t12"."person_id") AS "person_id",
                            "t12"."org_unit_id",
                            "t12"."source_id",
                            "t12"."occurred_at",
                            "t12"."business_day",
                            "t12"."amount",
                            "t12"."seq",
                            "t12"."born_id",
                            "t12"."canonical_id"
                          FROM (
                            SELECT
                              "t7"."fact_id",
                              "t7"."order_id",
                              "t7"."name",
                              "t7"."person_id",
                              "t7"."org_unit_id",
                              "t7"."source_id",
                              "t7"."occurred_at",
                              "t7"."business_day",
                              "t7"."amount",
                              "t7"."seq",
                              "t9"."born_id",
                              "t9"."canonical_id"
                            FROM (
                              SELECT
                                *
                              FROM "facts" AS "t0"
                              WHERE
                                "t0"."name" = 'Cart Filled' AND "t0"."person_id" IS NOT NULL
                            ) AS "t7"
                            LEFT OUTER JOIN (
                              SELECT
                                "t1"."person_id" AS "born_id",
                                CAST("t1"."number" AS BIGINT) AS "canonical_id"
                              FROM "state_now" AS "t1"
                              WHERE
                                "t1"."key" = 'cluster' AND "t1"."number" IS NOT NULL
                            ) AS "t9"
                              ON "t7"."person_id" = "t9"."born_id"
                          ) AS "t12"
                        ) AS "t15"
                      ) AS "t18"
                      WHERE
                        "t18"."business_day" <= MAKE_DATE(2026, 6, 15) AND TRUE
                    ) AS "t24"
                  ) AS "t25"
                ) AS "t26"
                GROUP BY
                  1,
                  2
              ) AS "t30"
            ) AS "t33"
          ) AS "t37"
        ) AS "t40"
      ) AS "t41"
      WHERE
        "t41"."got" IS NOT NULL
    ) AS "t42"
  ) AS "t44"
    ON "t39"."person_id" = "t44"."person_id"
) AS "t45"
WHERE
  COALESCE("t45"."v", FALSE)
