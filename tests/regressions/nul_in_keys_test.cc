// SQLite ends a text at U+0000, so keys that differ only behind one were the same key.
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("Unique keys that differ behind a NUL are refused or are two keys", "[regression][admit]") {
  World world;
  const Outcome first = world.admit("plain", "{}", R"(,"uniqueKey":"a\u0000b")");
  const Outcome second = world.admit("plain", "{}", R"(,"uniqueKey":"a\u0000c")");
  if (first.step.reply.status == 422) {
    CHECK(second.step.reply.status == 422);
  } else {
    CHECK(first.step.reply.status == 201);
    CHECK(second.step.reply.status == 201);
  }
}

TEST_CASE("A foreign id with a NUL meets no other id", "[regression][claim]") {
  World world;
  const Outcome out =
      world.claim({World::foreign("a\\u0000b"), World::foreign("a\\u0000c"), World::foreign("a")});
  const int64_t jobs = world.db.number("SELECT count(*) FROM jobs");
  const int64_t archived = world.db.number("SELECT count(*) FROM dead_letters");
  CHECK(jobs + archived == 3);
  CHECK(static_cast<int64_t>(out.step.runs.size()) == jobs);
}
