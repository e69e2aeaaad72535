-- (count(buy) >= 5 or number("tier") >= 2) and sample("autumn", 0, 50)
-- （购买的次数至少 5 次，或者会员等级序号至少 2），并且按“autumn”随机分到第 0% 到 50% 的顾客。
-- Customers (whose number of purchases is at least 5 or whose tier rank is at least 2) and drawn at random by "autumn" between 0% and 50%.
SELECT
  "t30"."person_id"
FROM (
  SELECT
    "t29"."person_id",
    (
      COALESCE(COALESCE("t29"."v_0", 0) >= 5, FALSE)
      OR COALESCE("t29"."v_1" >= 2, FALSE)
    )
    AND (
      (
        SUBSTRING(
          MD5('autumn:' || CAST("t29"."person_id" AS TEXT)),
          CASE
            WHEN (
              0 + 1
            ) >= 1
            THEN 0 + 1
            ELSE 0 + 1 + LENGTH(MD5('autumn:' || CAST("t29"."person_id" AS TEXT)))
          END,
          8
        ) >= '00000000'
      )
      AND (
        SUBSTRING(
          MD5('autumn:' || CAST("t29"."person_id" AS TEXT)),
          CASE
            WHEN (
              0 + 1
            ) >= 1
            THEN 0 + 1
            ELSE 0 + 1 + LENGTH(MD5('autumn:' || CAST("t29"."person_id" AS TEXT)))
          END,
          8
        ) < '80000000'
      )
    ) AS "is_member",
    CASE
      WHEN NOT (
        (
          COALESCE(COALESCE("t29"."v_0", 0) >= 5, FALSE)
          OR COALESCE("t29"."v_1" >= 2, FALSE)
        )
        AND (
          (
            SUBSTRING(
              MD5('autumn:' || CAST("t29"."person_id" AS TEXT)),
              CASE
                WHEN (
                  0 + 1
                ) >= 1
                THEN 0 + 1
                ELSE 0 + 1 + LENGTH(MD5('autumn:' || CAST("t29"."person_id" AS TEXT)))
              END,
              8
            ) >= '00000000'
          )
          AND (
            SUBSTRING(
              MD5('autumn:' || CAST("t29"."person_id" AS TEXT)),
              CASE
                WHEN (
                  0 + 1
                ) >= 1
                THEN 0 + 1
                ELSE 0 + 1 + LENGTH(MD5('autumn:' || CAST("t29"."person_id" AS TEXT)))
              END,
              8
            ) < '80000000'
          )
        )
      )
      THEN GREATEST(
        CASE
          WHEN NOT (
            COALESCE(COALESCE("t29"."v_0", 0) >= 5, FALSE)
            OR COALESCE("t29"."v_1" >= 2, FALSE)
          )
          THEN CASE
            WHEN COALESCE(COALESCE("t29"."v_0", 0) >= 5, FALSE)
            OR COALESCE("t29"."v_1" >= 2, FALSE)
            THEN GREATEST(
              CASE
                WHEN COALESCE(COALESCE("t29"."v_0", 0) >= 5, FALSE)
                THEN COALESCE("t29"."n_0", 1000000)
                ELSE -1
              END,
              CASE
                WHEN COALESCE("t29"."v_1" >= 2, FALSE)
                THEN COALESCE("t29"."n_1", 1000000)
                ELSE -1
              END
            )
            ELSE LEAST(COALESCE("t29"."n_0", 1000000), COALESCE("t29"."n_1", 1000000))
          END
          ELSE -1
        END,
        CASE
          WHEN NOT (
            (
              SUBSTRING(
                MD5('autumn:' || CAST("t29"."person_id" AS TEXT)),
                CASE
                  WHEN (
                    0 + 1
                  ) >= 1
                  THEN 0 + 1
                  ELSE 0 + 1 + LENGTH(MD5('autumn:' || CAST("t29"."person_id" AS TEXT)))
                END,
                8
              ) >= '00000000'
            )
            AND (
              SUBSTRING(
                MD5('autumn:' || CAST("t29"."person_id" AS TEXT)),
                CASE
                  WHEN (
                    0 + 1
                  ) >= 1
                  THEN 0 + 1
                  ELSE 0 + 1 + LENGTH(MD5('autumn:' || CAST("t29"."person_id" AS TEXT)))
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
          WHEN COALESCE(COALESCE("t29"."v_0", 0) >= 5, FALSE)
          OR COALESCE("t29"."v_1" >= 2, FALSE)
          THEN GREATEST(
            CASE
              WHEN COALESCE(COALESCE("t29"."v_0", 0) >= 5, FALSE)
              THEN COALESCE("t29"."n_0", 1000000)
              ELSE -1
            END,
            CASE
              WHEN COALESCE("t29"."v_1" >= 2, FALSE)
              THEN COALESCE("t29"."n_1", 1000000)
              ELSE -1
            END
          )
          ELSE LEAST(COALESCE("t29"."n_0", 1000000), COALESCE("t29"."n_1", 1000000))
        END,
        1000000
      )
    END AS "next_day"
  FROM (
    SELECT
      "t28".*
      EXCLUDE ("person_id_right")
    FROM (
      SELECT
        "t25"."person_id",
        "t25"."v_1",
        "t25"."n_1",
        "t27"."person_id" AS "person_id_right",
        "t27"."v_0",
        "t27"."n_0"
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
                  EXCLUDE ("born_id", "canonical_id")
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
      ) AS "t25"
      LEFT OUTER JOIN (
        SELECT
          "t24"."person_id",
          COALESCE("t24"."count_0", 0) AS "v_0",
          COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t24"."enter_0") + 0, 1000000) AS "n_0"
        FROM (
          SELECT
            "t21"."person_id",
            COUNT("t21"."c_0") AS "count_0",
            MIN("t21"."c_1") AS "enter_0"
          FROM (
            SELECT
              "t17"."order_id",
              "t17"."person_id",
              "t17"."business_day",
              "t17"."sold_amount_0",
              "t17"."sold_quantity_0",
              "t17"."incomplete_0",
              CASE
                WHEN (
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
                )
                THEN "t17"."business_day"
                ELSE CAST(NULL AS DATE)
              END AS "c_0",
              CASE
                WHEN "t17"."business_day" > MAKE_DATE(2026, 6, 15)
                THEN "t17"."business_day"
                ELSE CAST(NULL AS DATE)
              END AS "c_1"
            FROM (
              SELECT
                "t14"."order_id",
                "t14"."person_id",
                "t14"."business_day",
                SUM(
                  CASE WHEN "t14"."kind" = 'sale' THEN "t14"."amount" ELSE CAST(NULL AS BIGINT) END
                ) AS "sold_amount_0",
                SUM(
                  CASE
                    WHEN "t14"."kind" = 'sale'
                    THEN COALESCE("t14"."quantity", 0.0)
                    ELSE CAST(NULL AS DOUBLE)
                  END
                ) AS "sold_quantity_0",
                SUM(
                  CASE
                    WHEN (
                      "t14"."kind" = 'sale'
                    ) AND (
                      (
                        "t14"."flags" & 6
                      ) <> 0
                    )
                    THEN CAST(CASE WHEN "t14"."is_reversal" THEN -1 ELSE 1 END AS BIGINT)
                    ELSE CAST(NULL AS BIGINT)
                  END
                ) AS "incomplete_0"
              FROM (
                SELECT
                  "t12".*
                  EXCLUDE ("born_id", "canonical_id")
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
          ) AS "t21"
          GROUP BY
            1
        ) AS "t24"
      ) AS "t27"
        ON "t25"."person_id" = "t27"."person_id"
    ) AS "t28"
  ) AS "t29"
) AS "t30"
WHERE
  "t30"."is_member"
