// A filtered list of failed jobs ended where its bounded look ended, without a cursor to go on.
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("A filtered list of failed jobs leads on beyond the rows that one page looks at",
          "[regression][query]") {
  World world;
  world.db.execute(R"sql(
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2100)
    INSERT INTO jobs (id, type, queue, transport, status, priority, max_attempts, op, created_at, completed_at,
      updated_at, timeout_ms, payload_size)
    SELECT printf('00000000-0000-7000-8000-%012d', i), CASE WHEN i < 10 THEN 'rare' ELSE 'plain' END,
      'background-jobs', 'background-jobs', 'failed', 5, 3, 'o', 1, 1, 1, 1000, 2 FROM n
  )sql");
  world.db.execute(
      "INSERT INTO counters (queue, type, failed) SELECT queue, type, count(*) FROM jobs GROUP BY 1, 2");

  std::string cursor;
  size_t found = 0;
  for (int page = 0; page < 10; ++page) {
    const Json reply =
        world.query("list", R"(,"status":"failed","type":"rare","cursor":")" + cursor + "\"").reply();
    found += reply["jobs"].size();
    cursor = reply.text("nextCursor");
    if (cursor.empty()) break;
  }
  CHECK(found == 9);
}
