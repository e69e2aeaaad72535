-- which(first, channel, buy) in ("小程序")
-- 第一次购买的渠道是“小程序”的顾客。
-- Customers whose channel of the first purchases is “小程序”.
WITH "t11" AS (
  SELECT
    "t10"."person_id",
    "t10"."channel",
    "t10"."at",
    "t10"."business_day" AS "day",
    "t10"."order_id" AS "event_id",
    (
      "t10"."sold_amount" <> 0
    )
    OR (
      ABS("t10"."sold_quantity") > 0.0005
    )
    OR (
      "t10"."incomplete" <> 0
    ) AS "counts",
    "t10"."amount",
    "t10"."units",
    "t10"."discount"
  FROM (
    SELECT
      "t9"."order_id",
      "t9"."person_id",
      "t9"."business_day",
      "t9"."channel",
      SUM("t9"."amount") AS "amount",
      CAST(ROUND(SUM(COALESCE("t9"."quantity", 0.0)) * 1000, 0) AS BIGINT) AS "units",
      SUM("t9"."discount") AS "discount",
      COALESCE(SUM("t9"."amount") FILTER(WHERE
        "t9"."kind" = 'sale'), 0) AS "sold_amount",
      COALESCE(SUM(COALESCE("t9"."quantity", 0.0)) FILTER(WHERE
        "t9"."kind" = 'sale'), 0.0) AS "sold_quantity",
      COALESCE(
        SUM(CAST(CASE WHEN "t9"."is_reversal" THEN -1 ELSE 1 END AS BIGINT)) FILTER(WHERE
          (
            "t9"."kind" = 'sale'
          ) AND (
            (
              "t9"."flags" & 6
            ) <> 0
          )),
        0
      ) AS "incomplete",
      MIN("t9"."occurred_at") AS "at"
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
        NULLIF("t8"."channel", '') AS "channel",
        "t8"."quantity",
        "t8"."amount",
        "t8"."discount",
        "t8"."coupon_discount",
        "t8"."flags",
        "t8"."seq"
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
                "t0"."person_id" IS NOT NULL
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
      WHERE
        NULLIF("t8"."channel", '') IS NOT NULL
    ) AS "t9"
    GROUP BY
      1,
      2,
      3,
      4
  ) AS "t10"
)
SELECT
  "t19"."person_id"
FROM (
  SELECT
    "t15"."person_id",
    "t18"."v",
    COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t15"."enter_all") + 0, 1000000) AS "n"
  FROM (
    SELECT
      "t12"."person_id",
      MIN("t12"."day") FILTER(WHERE
        "t12"."day" > MAKE_DATE(2026, 6, 15)) AS "enter_all"
    FROM "t11" AS "t12"
    GROUP BY
      1
  ) AS "t15"
  LEFT OUTER JOIN (
    SELECT
      "t16"."person_id",
      "t16"."channel" AS "v"
    FROM (
      SELECT
        "t13"."person_id",
        "t13"."channel",
        "t13"."at",
        "t13"."day",
        "t13"."event_id",
        "t13"."counts",
        "t13"."amount",
        "t13"."units",
        "t13"."discount",
        ROW_NUMBER() OVER (
          PARTITION BY "t13"."person_id"
          ORDER BY "t13"."at" ASC, "t13"."event_id" ASC, "t13"."channel" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) - 1 AS "place"
      FROM (
        SELECT
          *
        FROM "t11" AS "t12"
        WHERE
          "t12"."day" <= MAKE_DATE(2026, 6, 15) AND "t12"."counts"
      ) AS "t13"
    ) AS "t16"
    WHERE
      "t16"."place" = 0
  ) AS "t18"
    ON "t15"."person_id" = "t18"."person_id"
) AS "t19"
WHERE
  COALESCE("t19"."v" IN ('小程序'), FALSE)
