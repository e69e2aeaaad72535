-- (count(buy) >= 5 or number("tier") >= 2) and sample("autumn", 0, 50)
-- （购买的次数至少 5 次，或者会员等级序号至少 2），并且按“autumn”随机分到第 0% 到 50%的顾客。
-- Customers (whose number of purchases is at least 5 or whose tier rank is at least 2) and drawn at random by "autumn" between 0% and 50%.
SELECT
  "t29"."person_id"
FROM (
  SELECT
    "t28"."person_id",
    (
      COALESCE(COALESCE("t28"."v_0", 0) >= 5, FALSE)
      OR COALESCE("t28"."v_1" >= 2, FALSE)
    )
    AND (
      (
        SUBSTRING(
          MD5('autumn:' || CAST("t28"."person_id" AS TEXT)),
          CASE
            WHEN (
              0 + 1
            ) >= 1
            THEN 0 + 1
            ELSE 0 + 1 + LENGTH(MD5('autumn:' || CAST("t28"."person_id" AS TEXT)))
          END,
          8
        ) >= '00000000'
      )
      AND (
        SUBSTRING(
          MD5('autumn:' || CAST("t28"."person_id" AS TEXT)),
          CASE
            WHEN (
              0 + 1
            ) >= 1
            THEN 0 + 1
            ELSE 0 + 1 + LENGTH(MD5('autumn:' || CAST("t28"."person_id" AS TEXT)))
          END,
          8
        ) < '80000000'
      )
    ) AS "is_member",
    CASE
      WHEN NOT (
        (
          COALESCE(COALESCE("t28"."v_0", 0) >= 5, FALSE)
          OR COALESCE("t28"."v_1" >= 2, FALSE)
        )
        AND (
          (
            SUBSTRING(
              MD5('autumn:' || CAST("t28"."person_id" AS TEXT)),
              CASE
                WHEN (
                  0 + 1
                ) >= 1
                THEN 0 + 1
                ELSE 0 + 1 + LENGTH(MD5('autumn:' || CAST("t28"."person_id" AS TEXT)))
              END,
              8
            ) >= '00000000'
          )
          AND (
            SUBSTRING(
              MD5('autumn:' || CAST("t28"."person_id" AS TEXT)),
              CASE
                WHEN (
                  0 + 1
                ) >= 1
                THEN 0 + 1
                ELSE 0 + 1 + LENGTH(MD5('autumn:' || CAST("t28"."person_id" AS TEXT)))
              END,
              8
            ) < '80000000'
          )
        )
      )
      THEN GREATEST(
        CASE
          WHEN NOT (
            COALESCE(COALESCE("t28"."v_0", 0) >= 5, FALSE)
            OR COALESCE("t28"."v_1" >= 2, FALSE)
          )
          THEN CASE
            WHEN COALESCE(COALESCE("t28"."v_0", 0) >= 5, FALSE)
            OR COALESCE("t28"."v_1" >= 2, FALSE)
            THEN GREATEST(
              CASE
                WHEN COALESCE(COALESCE("t28"."v_0", 0) >= 5, FALSE)
                THEN LEAST(COALESCE(COALESCE("t28"."n_0", 1000000), 1000000), COALESCE(1000000, 1000000))
                ELSE -1
              END,
              CASE
                WHEN COALESCE("t28"."v_1" >= 2, FALSE)
                THEN LEAST(COALESCE(COALESCE("t28"."n_1", 1000000), 1000000), COALESCE(1000000, 1000000))
                ELSE -1
              END
            )
            ELSE LEAST(
              LEAST(COALESCE(COALESCE("t28"."n_0", 1000000), 1000000), COALESCE(1000000, 1000000)),
              LEAST(COALESCE(COALESCE("t28"."n_1", 1000000), 1000000), COALESCE(1000000, 1000000))
            )
          END
          ELSE -1
        END,
        CASE
          WHEN NOT (
            (
              SUBSTRING(
                MD5('autumn:' || CAST("t28"."person_id" AS TEXT)),
                CASE
                  WHEN (
                    0 + 1
                  ) >= 1
                  THEN 0 + 1
                  ELSE 0 + 1 + LENGTH(MD5('autumn:' || CAST("t28"."person_id" AS TEXT)))
                END,
                8
              ) >= '00000000'
            )
            AND (
              SUBSTRING(
                MD5('autumn:' || CAST("t28"."person_id" AS TEXT)),
                CASE
                  WHEN (
                    0 + 1
                  ) >= 1
                  THEN 0 + 1
                  ELSE 0 + 1 + LENGTH(MD5('autumn:' || CAST("t28"."person_id" AS TEXT)))
                END,
                8
              ) < '80000000'
            )
          )
          THEN 1000000
          ELSE -1
        END
      )
      ELSE LEAST(
        CASE
          WHEN COALESCE(COALESCE("t28"."v_0", 0) >= 5, FALSE)
          OR COALESCE("t28"."v_1" >= 2, FALSE)
          THEN GREATEST(
            CASE
              WHEN COALESCE(COALESCE("t28"."v_0", 0) >= 5, FALSE)
              THEN LEAST(COALESCE(COALESCE("t28"."n_0", 1000000), 1000000), COALESCE(1000000, 1000000))
              ELSE -1
            END,
            CASE
              WHEN COALESCE("t28"."v_1" >= 2, FALSE)
              THEN LEAST(COALESCE(COALESCE("t28"."n_1", 1000000), 1000000), COALESCE(1000000, 1000000))
              ELSE -1
            END
          )
          ELSE LEAST(
            LEAST(COALESCE(COALESCE("t28"."n_0", 1000000), 1000000), COALESCE(1000000, 1000000)),
            LEAST(COALESCE(COALESCE("t28"."n_1", 1000000), 1000000), COALESCE(1000000, 1000000))
          )
        END,
        1000000
      )
    END AS "next_day"
  FROM (
    SELECT
      "t27".*
      EXCLUDE ("person_id_right")
    FROM (
      SELECT
        "t24"."person_id",
        "t24"."v_1",
        "t24"."n_1",
        "t26"."person_id" AS "person_id_right",
        "t26"."v_0",
        "t26"."n_0"
      FROM (
        SELECT
          "t22"."person_id",
          "t22"."v_1",
          "t22"."n_1"
        FROM (
          SELECT
            "t4"."person_id",
            "t20"."person_id" AS "person_id_right",
            "t20"."v_1",
            "t20"."n_1"
          FROM (
            SELECT DISTINCT
              "t0"."canonical_id" AS "person_id"
            FROM "persons" AS "t0"
          ) AS "t4"
          LEFT OUTER JOIN (
            SELECT
              "t18"."person_id",
              "t18"."number" AS "v_1",
              1000000 AS "n_1"
            FROM (
              SELECT
                "t16"."person_id",
                "t16"."key",
                "t16"."value",
                "t16"."number",
                "t16"."at",
                "t16"."seq",
                "t16"."source_id",
                ROW_NUMBER() OVER (
                  PARTITION BY "t16"."person_id"
                  ORDER BY "t16"."at" DESC, "t16"."seq" DESC, "t16"."source_id" ASC
                  ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                ) - 1 AS "place"
              FROM (
                SELECT
                  "t15".*
                  EXCLUDE ("canonical_id", "born_id")
                FROM (
                  SELECT
                    COALESCE("t13"."canonical_id", "t13"."person_id") AS "person_id",
                    "t13"."key",
                    "t13"."value",
                    "t13"."number",
                    "t13"."at",
                    "t13"."seq",
                    "t13"."source_id",
                    "t13"."born_id",
                    "t13"."canonical_id"
                  FROM (
                    SELECT
                      "t10"."person_id",
                      "t10"."key",
                      "t10"."value",
                      "t10"."number",
                      "t10"."at",
                      "t10"."seq",
                      "t10"."source_id",
                      "t8"."born_id",
                      "t8"."canonical_id"
                    FROM (
                      SELECT
                        "t2"."person_id",
                        "t2"."key",
                        "t2"."value",
                        COALESCE(
                          "t2"."number",
                          TRY_CAST(CASE
                            WHEN REGEXP_MATCHES("t2"."value", '^-?\d+(\.\d+)?$')
                            THEN "t2"."value"
                            ELSE CAST(NULL AS TEXT)
                          END AS DOUBLE)
                        ) AS "number",
                        "t2"."at",
                        "t2"."seq",
                        "t2"."source_id"
                      FROM "state_now" AS "t2"
                      WHERE
                        "t2"."key" = 'tier'
                        AND COALESCE(
                          "t2"."number",
                          TRY_CAST(CASE
                            WHEN REGEXP_MATCHES("t2"."value", '^-?\d+(\.\d+)?$')
                            THEN "t2"."value"
                            ELSE CAST(NULL AS TEXT)
                          END AS DOUBLE)
                        ) IS NOT NULL
                        AND "t2"."person_id" IS NOT NULL
                    ) AS "t10"
                    LEFT OUTER JOIN (
                      SELECT
                        "t2"."person_id" AS "born_id",
                        CAST("t2"."number" AS BIGINT) AS "canonical_id"
                      FROM "state_now" AS "t2"
                      WHERE
                        "t2"."key" = 'cluster' AND "t2"."number" IS NOT NULL
                    ) AS "t8"
                      ON "t10"."person_id" = "t8"."born_id"
                  ) AS "t13"
                ) AS "t15"
              ) AS "t16"
            ) AS "t18"
            WHERE
              "t18"."place" = 0
          ) AS "t20"
            ON "t4"."person_id" = "t20"."person_id"
        ) AS "t22"
      ) AS "t24"
      LEFT OUTER JOIN (
        SELECT
          "t21"."person_id",
          COALESCE("t21"."count_0", 0) AS "v_0",
          COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t21"."enter_0") + 0, 1000000) AS "n_0"
        FROM (
          SELECT
            "t17"."person_id",
            COUNT("t17"."business_day") FILTER(WHERE
              (
                "t17"."business_day" <= MAKE_DATE(2026, 6, 15)
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
              )) AS "count_0",
            MIN("t17"."business_day") FILTER(WHERE
              "t17"."business_day" > MAKE_DATE(2026, 6, 15)) AS "enter_0"
          FROM (
            SELECT
              "t14"."order_id",
              "t14"."person_id",
              "t14"."business_day",
              SUM("t14"."amount") FILTER(WHERE
                "t14"."kind" = 'sale') AS "sold_amount_0",
              SUM(COALESCE("t14"."quantity", 0.0)) FILTER(WHERE
                "t14"."kind" = 'sale') AS "sold_quantity_0",
              SUM(CAST(CASE WHEN "t14"."is_reversal" THEN -1 ELSE 1 END AS BIGINT)) FILTER(WHERE
                (
                  "t14"."kind" = 'sale'
                ) AND (
                  (
                    "t14"."flags" & 6
                  ) <> 0
                )) AS "incomplete_0"
            FROM (
              SELECT
                "t12".*
                EXCLUDE ("canonical_id", "born_id")
              FROM (
                SELECT
                  "t11"."fact_id",
                  "t11"."order_id",
                  "t11"."line_no",
                  "t11"."kind",
                  "t11"."is_reversal",
                  COALESCE("t11"."canonical_id", "t11"."person_id") AS "person_id",
                  "t11"."org_unit_id",
                  "t11"."sku_id",
                  "t11"."source_id",
                  "t11"."occurred_at",
                  "t11"."business_day",
                  "t11"."channel",
                  "t11"."quantity",
                  "t11"."amount",
                  "t11"."discount",
                  "t11"."coupon_discount",
                  "t11"."flags",
                  "t11"."seq",
                  "t11"."born_id",
                  "t11"."canonical_id"
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
                ) AS "t11"
              ) AS "t12"
            ) AS "t14"
            GROUP BY
              1,
              2,
              3
          ) AS "t17"
          GROUP BY
            1
        ) AS "t21"
      ) AS "t26"
        ON "t24"."person_id" = "t26"."person_id"
    ) AS "t27"
  ) AS "t28"
) AS "t29"
WHERE
  "t29"."is_member"
