-- anniversary("attr.birthday", 7)
-- 生日在今天起 7 天内的顾客。
-- Customers whose birthday comes round within 7 days.
SELECT
  "t11"."person_id"
FROM (
  SELECT
    "t10"."person_id",
    "t10"."v",
    "t10"."n",
    "t10"."month",
    "t10"."day",
    (
      CASE
        WHEN (
          "t10"."month" = 6
        ) AND (
          "t10"."day" < 15
        )
        THEN 351
        ELSE CASE
          WHEN "t10"."month" = 1
          THEN 200
          WHEN "t10"."month" = 2
          THEN 231
          WHEN "t10"."month" = 3
          THEN 259
          WHEN "t10"."month" = 4
          THEN 290
          WHEN "t10"."month" = 5
          THEN 320
          WHEN "t10"."month" = 6
          THEN -14
          WHEN "t10"."month" = 7
          THEN 16
          WHEN "t10"."month" = 8
          THEN 47
          WHEN "t10"."month" = 9
          THEN 78
          WHEN "t10"."month" = 10
          THEN 108
          WHEN "t10"."month" = 11
          THEN 139
          WHEN "t10"."month" = 12
          THEN 169
          ELSE NULL
        END
      END + "t10"."day"
    ) - 1 AS "left"
  FROM (
    SELECT
      "t9"."person_id",
      "t9"."v",
      "t9"."n",
      "t9"."month",
      CASE
        WHEN (
          "t9"."month" = 2
        ) AND (
          "t9"."day" = 29
        )
        THEN 28
        ELSE "t9"."day"
      END AS "day"
    FROM (
      SELECT
        "t8"."person_id",
        "t8"."value" AS "v",
        1000000 AS "n",
        TRY_CAST(SUBSTRING(
          "t8"."value",
          CASE WHEN (
            5 + 1
          ) >= 1 THEN 5 + 1 ELSE 5 + 1 + LENGTH("t8"."value") END,
          2
        ) AS BIGINT) AS "month",
        TRY_CAST(SUBSTRING(
          "t8"."value",
          CASE WHEN (
            8 + 1
          ) >= 1 THEN 8 + 1 ELSE 8 + 1 + LENGTH("t8"."value") END,
          2
        ) AS BIGINT) AS "day"
      FROM (
        SELECT
          "t7"."person_id",
          "t7"."key",
          "t7"."value",
          "t7"."number",
          "t7"."at",
          "t7"."seq",
          "t7"."source_id",
          ROW_NUMBER() OVER (
            PARTITION BY "t7"."person_id"
            ORDER BY "t7"."at" DESC, "t7"."seq" DESC, "t7"."source_id" ASC
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) - 1 AS "place"
        FROM (
          SELECT
            "t6".*
            EXCLUDE ("born_id", "canonical_id")
          FROM (
            SELECT
              COALESCE("t5"."canonical_id", "t5"."person_id") AS "person_id",
              "t5"."key",
              "t5"."value",
              "t5"."number",
              "t5"."at",
              "t5"."seq",
              "t5"."source_id",
              "t5"."born_id",
              "t5"."canonical_id"
            FROM (
              SELECT
                "t4"."person_id",
                "t4"."key",
                "t4"."value",
                "t4"."number",
                "t4"."at",
                "t4"."seq",
                "t4"."source_id",
                "t3"."born_id",
                "t3"."canonical_id"
              FROM (
                SELECT
                  *
                FROM "state_now" AS "t0"
                WHERE
                  "t0"."key" = 'attr.birthday'
                  AND COALESCE("t0"."value", '') <> ''
                  AND "t0"."person_id" IS NOT NULL
              ) AS "t4"
              LEFT OUTER JOIN (
                SELECT
                  "t0"."person_id" AS "born_id",
                  CAST("t0"."number" AS BIGINT) AS "canonical_id"
                FROM "state_now" AS "t0"
                WHERE
                  "t0"."key" = 'cluster' AND "t0"."number" IS NOT NULL
              ) AS "t3"
                ON "t4"."person_id" = "t3"."born_id"
            ) AS "t5"
          ) AS "t6"
        ) AS "t7"
      ) AS "t8"
      WHERE
        "t8"."place" = 0
        AND REGEXP_MATCHES("t8"."value", '^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])')
    ) AS "t9"
    WHERE
      (
        "t9"."day" <= 28
      )
      OR CASE
        WHEN "t9"."month" = 1
        THEN "t9"."day" <= 31
        WHEN "t9"."month" = 2
        THEN "t9"."day" <= 29
        WHEN "t9"."month" = 3
        THEN "t9"."day" <= 31
        WHEN "t9"."month" = 4
        THEN "t9"."day" <= 30
        WHEN "t9"."month" = 5
        THEN "t9"."day" <= 31
        WHEN "t9"."month" = 6
        THEN "t9"."day" <= 30
        WHEN "t9"."month" = 7
        THEN "t9"."day" <= 31
        WHEN "t9"."month" = 8
        THEN "t9"."day" <= 31
        WHEN "t9"."month" = 9
        THEN "t9"."day" <= 30
        WHEN "t9"."month" = 10
        THEN "t9"."day" <= 31
        WHEN "t9"."month" = 11
        THEN "t9"."day" <= 30
        WHEN "t9"."month" = 12
        THEN "t9"."day" <= 31
        ELSE NULL
      END
  ) AS "t10"
) AS "t11"
WHERE
  COALESCE("t11"."left" <= 7, FALSE)
