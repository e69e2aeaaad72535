-- distinct(buy, store) = 1 and which(last, store, buy) in ("S1")
-- 购买的不同门店数等于 1，并且最近一次购买的门店是“S1”的顾客。
-- Customers whose number of different stores of purchases is exactly 1 and whose store of the last purchases is “S1”.
WITH "t13" AS (
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
    "t6"."store"
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
          "t7"."seq",
          "t8"."born_id",
          "t8"."canonical_id"
        FROM (
          SELECT
            *
          FROM "order_lines" AS "t1"
          WHERE
            "t1"."person_id" IS NOT NULL
        ) AS "t7"
        LEFT OUTER JOIN (
          SELECT
            "t2"."person_id" AS "born_id",
            CAST("t2"."number" AS BIGINT) AS "canonical_id"
          FROM "state_now" AS "t2"
          WHERE
            "t2"."key" = 'cluster' AND "t2"."number" IS NOT NULL
        ) AS "t8"
          ON "t7"."person_id" = "t8"."born_id"
      ) AS "t9"
    ) AS "t10"
  ) AS "t12"
  INNER JOIN (
    SELECT
      "t0"."org_unit_id",
      "t0"."code" AS "store"
    FROM "org_units" AS "t0"
    WHERE
      "t0"."code" IS NOT NULL
  ) AS "t6"
    ON "t12"."org_unit_id" = "t6"."org_unit_id"
), "t18" AS (
  SELECT
    "t16"."person_id",
    "t16"."store",
    "t16"."at",
    "t16"."business_day" AS "day",
    "t16"."order_id" AS "event_id",
    (
      "t16"."sold_amount" <> 0
    )
    OR (
      ABS("t16"."sold_quantity") > 0.0005
    )
    OR (
      "t16"."incomplete" <> 0
    ) AS "counts",
    "t16"."amount",
    "t16"."units",
    "t16"."discount"
  FROM (
    SELECT
      "t14"."order_id",
      "t14"."person_id",
      "t14"."business_day",
      "t14"."store",
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
    FROM "t13" AS "t14"
    GROUP BY
      1,
      2,
      3,
      4
  ) AS "t16"
)
SELECT
  "t34"."person_id"
FROM (
  SELECT
    "t33"."person_id",
    COALESCE(COALESCE("t33"."v_0", 0) = 1, FALSE)
    AND COALESCE("t33"."v_1" IN ('S1'), FALSE) AS "is_member",
    CASE
      WHEN NOT (
        COALESCE(COALESCE("t33"."v_0", 0) = 1, FALSE)
        AND COALESCE("t33"."v_1" IN ('S1'), FALSE)
      )
      THEN GREATEST(
        CASE
          WHEN NOT (
            COALESCE(COALESCE("t33"."v_0", 0) = 1, FALSE)
          )
          THEN COALESCE("t33"."n_0", 1000000)
          ELSE -1
        END,
        CASE
          WHEN NOT (
            COALESCE("t33"."v_1" IN ('S1'), FALSE)
          )
          THEN COALESCE("t33"."n_1", 1000000)
          ELSE -1
        END
      )
      ELSE LEAST(COALESCE("t33"."n_0", 1000000), COALESCE("t33"."n_1", 1000000))
    END AS "next_day"
  FROM (
    SELECT
      "t32".*
      EXCLUDE ("person_id_right")
    FROM (
      SELECT
        "t26"."person_id",
        "t26"."v_0",
        "t26"."n_0",
        "t31"."person_id" AS "person_id_right",
        "t31"."v_1",
        "t31"."n_1"
      FROM (
        SELECT
          "t21"."person_id",
          "t21"."count" AS "v_0",
          COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t21"."enter_all") + 0, 1000000) AS "n_0"
        FROM (
          SELECT
            "t17"."person_id",
            COUNT(DISTINCT "t17"."store") FILTER(WHERE
              (
                "t17"."day" <= MAKE_DATE(2026, 6, 15)
              ) AND "t17"."counts") AS "count",
            MIN("t17"."day") FILTER(WHERE
              "t17"."day" > MAKE_DATE(2026, 6, 15)) AS "enter_all"
          FROM (
            SELECT
              "t15"."person_id",
              "t15"."store",
              "t15"."business_day" AS "day",
              "t15"."order_id" AS "event_id",
              (
                "t15"."sold_amount" <> 0
              )
              OR (
                ABS("t15"."sold_quantity") > 0.0005
              )
              OR (
                "t15"."incomplete" <> 0
              ) AS "counts",
              "t15"."amount",
              "t15"."units",
              "t15"."discount"
            FROM (
              SELECT
                "t14"."order_id",
                "t14"."person_id",
                "t14"."business_day",
                "t14"."store",
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
                ) AS "incomplete"
              FROM "t13" AS "t14"
              GROUP BY
                1,
                2,
                3,
                4
            ) AS "t15"
          ) AS "t17"
          GROUP BY
            1
        ) AS "t21"
      ) AS "t26"
      LEFT OUTER JOIN (
        SELECT
          "t29"."person_id",
          "t29"."v" AS "v_1",
          "t29"."n" AS "n_1"
        FROM (
          SELECT
            "t23"."person_id",
            "t28"."v",
            COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t23"."enter_all") + 0, 1000000) AS "n"
          FROM (
            SELECT
              "t19"."person_id",
              MIN("t19"."day") FILTER(WHERE
                "t19"."day" > MAKE_DATE(2026, 6, 15)) AS "enter_all"
            FROM "t18" AS "t19"
            GROUP BY
              1
          ) AS "t23"
          LEFT OUTER JOIN (
            SELECT
              "t24"."person_id",
              "t24"."store" AS "v"
            FROM (
              SELECT
                "t20"."person_id",
                "t20"."store",
                "t20"."at",
                "t20"."day",
                "t20"."event_id",
                "t20"."counts",
                "t20"."amount",
                "t20"."units",
                "t20"."discount",
                ROW_NUMBER() OVER (
                  PARTITION BY "t20"."person_id"
                  ORDER BY "t20"."at" DESC, "t20"."event_id" ASC, "t20"."store" ASC
                  ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                ) - 1 AS "place"
              FROM (
                SELECT
                  *
                FROM "t18" AS "t19"
                WHERE
                  "t19"."day" <= MAKE_DATE(2026, 6, 15) AND "t19"."counts"
              ) AS "t20"
            ) AS "t24"
            WHERE
              "t24"."place" = 0
          ) AS "t28"
            ON "t23"."person_id" = "t28"."person_id"
        ) AS "t29"
      ) AS "t31"
        ON "t26"."person_id" = "t31"."person_id"
    ) AS "t32"
  ) AS "t33"
) AS "t34"
WHERE
  "t34"."is_member"
