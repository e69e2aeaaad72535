-- after(buy, 7, "Coupon Claimed" last 90 days)
-- 最近 90 天“Coupon Claimed”之后 7 天内购买的顾客。
-- Customers with purchases within 7 days after "Coupon Claimed" in the last 90 days.
WITH "t20" AS (
  SELECT
    "t18"."person_id",
    "t18"."at",
    "t18"."business_day" AS "day",
    "t18"."order_id" AS "event_id",
    (
      "t18"."sold_amount" <> 0
    )
    OR (
      ABS("t18"."sold_quantity") > 0.0005
    )
    OR (
      "t18"."incomplete" <> 0
    ) AS "counts",
    "t18"."amount",
    "t18"."units",
    "t18"."discount"
  FROM (
    SELECT
      "t14"."order_id",
      "t14"."person_id",
      "t14"."business_day",
      SUM("t14"."amount") AS "amount",
      CAST(ROUND(SUM(COALESCE("t14"."quantity", 0.0)) * 1000, 0) AS BIGINT) AS "units",
      SUM("t14"."discount") AS "discount",
      COALESCE(SUM("t14"."amount") FILTER(WHERE
        "t14"."kind" = 'sale'), 0) AS "sold_amount",
      COALESCE(SUM(COALESCE("t14"."quantity", 0.0)) FILTER(WHERE
        "t14"."kind" = 'sale'), 0.0) AS "sold_quantity",
      COALESCE(
        SUM(CAST(CASE WHEN "t14"."is_reversal" THEN -1 ELSE 1 END AS BIGINT)) FILTER(WHERE
          (
            "t14"."kind" = 'sale'
          ) AND (
            (
              "t14"."flags" & 6
            ) <> 0
          )),
        0
      ) AS "incomplete",
      MIN("t14"."occurred_at") AS "at"
    FROM (
      SELECT
        "t12".*
        EXCLUDE ("born_id", "canonical_id")
      FROM (
        SELECT
          "t10"."fact_id",
          "t10"."order_id",
          "t10"."line_no",
          "t10"."kind",
          "t10"."is_reversal",
          COALESCE("t10"."canonical_id", "t10"."person_id") AS "person_id",
          "t10"."org_unit_id",
          "t10"."sku_id",
          "t10"."source_id",
          "t10"."occurred_at",
          "t10"."business_day",
          "t10"."channel",
          "t10"."quantity",
          "t10"."amount",
          "t10"."discount",
          "t10"."coupon_discount",
          "t10"."flags",
          "t10"."seq",
          "t10"."born_id",
          "t10"."canonical_id"
        FROM (
          SELECT
            "t8"."fact_id",
            "t8"."order_id",
            "t8"."line_no",
            "t8"."kind",
            "t8"."is_reversal",
            "t8"."person_id",
            "t8"."org_unit_id",
            "t8"."sku_id",
            "t8"."source_id",
            "t8"."occurred_at",
            "t8"."business_day",
            "t8"."channel",
            "t8"."quantity",
            "t8"."amount",
            "t8"."discount",
            "t8"."coupon_discount",
            "t8"."flags",
            "t8"."seq",
            "t7"."born_id",
            "t7"."canonical_id"
          FROM (
            SELECT
              *
            FROM "order_lines" AS "t2"
            WHERE
              "t2"."person_id" IS NOT NULL
          ) AS "t8"
          LEFT OUTER JOIN (
            SELECT
              "t1"."person_id" AS "born_id",
              CAST("t1"."number" AS BIGINT) AS "canonical_id"
            FROM "state_now" AS "t1"
            WHERE
              "t1"."key" = 'cluster' AND "t1"."number" IS NOT NULL
          ) AS "t7"
            ON "t8"."person_id" = "t7"."born_id"
        ) AS "t10"
      ) AS "t12"
    ) AS "t14"
    GROUP BY
      1,
      2,
      3
  ) AS "t18"
)
SELECT
  "t36"."person_id"
FROM (
  SELECT
    "t30"."person_id",
    COALESCE("t35"."v", FALSE) AS "v",
    "t30"."n"
  FROM (
    SELECT
      "t27"."person_id",
      MIN("t27"."n") AS "n"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t17"."person_id",
          LEAST(
            COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t17"."enter_all") + 0, 1000000),
            COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t17"."leave_all") + 90, 1000000)
          ) AS "n"
        FROM (
          SELECT
            "t15"."person_id",
            MIN("t15"."day") FILTER(WHERE
              "t15"."day" > MAKE_DATE(2026, 6, 15)) AS "enter_all",
            MIN("t15"."day") FILTER(WHERE
              (
                "t15"."day" <= MAKE_DATE(2026, 6, 15)
              )
              AND (
                "t15"."day" >= MAKE_DATE(2026, 3, 18)
              )) AS "leave_all"
          FROM (
            SELECT
              "t13"."person_id",
              "t13"."business_day" AS "day",
              "t13"."fact_id" AS "event_id",
              TRUE AS "counts",
              "t13"."amount",
              "t13"."occurred_at" AS "at"
            FROM (
              SELECT
                "t11".*
                EXCLUDE ("born_id", "canonical_id")
              FROM (
                SELECT
                  "t9"."fact_id",
                  "t9"."order_id",
                  "t9"."name",
                  COALESCE("t9"."canonical_id", "t9"."person_id") AS "person_id",
                  "t9"."org_unit_id",
                  "t9"."source_id",
                  "t9"."occurred_at",
                  "t9"."business_day",
                  "t9"."amount",
                  "t9"."seq",
                  "t9"."born_id",
                  "t9"."canonical_id"
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
                    "t7"."born_id",
                    "t7"."canonical_id"
                  FROM (
                    SELECT
                      *
                    FROM "facts" AS "t0"
                    WHERE
                      "t0"."name" = 'Coupon Claimed'
                      AND "t0"."business_day" >= MAKE_DATE(2026, 3, 18)
                      AND "t0"."person_id" IS NOT NULL
                  ) AS "t6"
                  LEFT OUTER JOIN (
                    SELECT
                      "t1"."person_id" AS "born_id",
                      CAST("t1"."number" AS BIGINT) AS "canonical_id"
                    FROM "state_now" AS "t1"
                    WHERE
                      "t1"."key" = 'cluster' AND "t1"."number" IS NOT NULL
                  ) AS "t7"
                    ON "t6"."person_id" = "t7"."born_id"
                ) AS "t9"
              ) AS "t11"
            ) AS "t13"
          ) AS "t15"
          GROUP BY
            1
        ) AS "t17"
      ) AS "t19"
      UNION ALL
      SELECT
        *
      FROM (
        SELECT
          "t23"."person_id",
          COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t23"."enter_all") + 0, 1000000) AS "n"
        FROM (
          SELECT
            "t21"."person_id",
            MIN("t21"."day") FILTER(WHERE
              "t21"."day" > MAKE_DATE(2026, 6, 15)) AS "enter_all"
          FROM "t20" AS "t21"
          GROUP BY
            1
        ) AS "t23"
      ) AS "t26"
    ) AS "t27"
    GROUP BY
      1
  ) AS "t30"
  LEFT OUTER JOIN (
    SELECT
      "t33"."person_id",
      TRUE AS "v"
    FROM (
      SELECT DISTINCT
        "t32"."person_id"
      FROM (
        SELECT
          "t31"."person_id",
          "t31"."at",
          "t31"."s0",
          "t31"."s1",
          CASE
            WHEN "t31"."s1"
            AND COALESCE(
              (
                DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), CAST("t31"."at" AS DATE)) - DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), CAST("t31"."last" AS DATE))
              ) <= 7,
              FALSE
            )
            THEN "t31"."at"
            ELSE CAST(NULL AS TIMESTAMPTZ)
          END AS "got",
          "t31"."last"
        FROM (
          SELECT
            "t28"."person_id",
            "t28"."at",
            "t28"."s0",
            "t28"."s1",
            "t28"."got",
            MAX("t28"."got") OVER (
              PARTITION BY "t28"."person_id"
              ORDER BY "t28"."at" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND 1 preceding
            ) AS "last"
          FROM (
            SELECT
              "t25"."person_id",
              "t25"."at",
              "t25"."s0",
              "t25"."s1",
              CASE WHEN "t25"."s0" THEN "t25"."at" ELSE CAST(NULL AS TIMESTAMPTZ) END AS "got"
            FROM (
              SELECT
                "t24"."person_id",
                "t24"."at",
                BOOL_OR(CAST("t24"."step" = 's0' AS BOOLEAN)) AS "s0",
                BOOL_OR(CAST("t24"."step" = 's1' AS BOOLEAN)) AS "s1"
              FROM (
                SELECT
                  *
                FROM (
                  SELECT
                    "t13"."person_id",
                    "t13"."occurred_at" AS "at",
                    's0' AS "step"
                  FROM (
                    SELECT
                      "t11".*
                      EXCLUDE ("born_id", "canonical_id")
                    FROM (
                      SELECT
                        "t9"."fact_id",
                        "t9"."order_id",
                        "t9"."name",
                        COALESCE("t9"."canonical_id", "t9"."person_id") AS "person_id",
                        "t9"."org_unit_id",
                        "t9"."source_id",
                        "t9"."occurred_at",
                        "t9"."business_day",
                        "t9"."amount",
                        "t9"."seq",
                        "t9"."born_id",
                        "t9"."canonical_id"
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
                          "t7"."born_id",
                          "t7"."canonical_id"
                        FROM (
                          SELECT
                            *
                          FROM "facts" AS "t0"
                          WHERE
                            "t0"."name" = 'Coupon Claimed'
                            AND "t0"."business_day" >= MAKE_DATE(2026, 3, 18)
                            AND "t0"."person_id" IS NOT NULL
                        ) AS "t6"
                        LEFT OUTER JOIN (
                          SELECT
                            "t1"."person_id" AS "born_id",
                            CAST("t1"."number" AS BIGINT) AS "canonical_id"
                          FROM "state_now" AS "t1"
                          WHERE
                            "t1"."key" = 'cluster' AND "t1"."number" IS NOT NULL
                        ) AS "t7"
                          ON "t6"."person_id" = "t7"."born_id"
                      ) AS "t9"
                    ) AS "t11"
                  ) AS "t13"
                  WHERE
                    "t13"."business_day" <= MAKE_DATE(2026, 6, 15)
                    AND "t13"."business_day" >= MAKE_DATE(2026, 3, 18)
                    AND TRUE
                ) AS "t16"
                UNION ALL
                SELECT
                  *
                FROM (
                  SELECT
                    "t21"."person_id",
                    "t21"."at",
                    's1' AS "step"
                  FROM "t20" AS "t21"
                  WHERE
                    "t21"."day" <= MAKE_DATE(2026, 6, 15) AND "t21"."counts"
                ) AS "t22"
              ) AS "t24"
              GROUP BY
                1,
                2
            ) AS "t25"
          ) AS "t28"
        ) AS "t31"
      ) AS "t32"
      WHERE
        "t32"."got" IS NOT NULL
    ) AS "t33"
  ) AS "t35"
    ON "t30"."person_id" = "t35"."person_id"
) AS "t36"
WHERE
  COALESCE("t36"."v", FALSE)
