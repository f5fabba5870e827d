// Query plans: what runs per job or per minute finds its rows by a key, never by a scan.
#include <array>

#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

bool takes_parameter(std::string_view name) {
  for (unsigned char i = 0; i < static_cast<unsigned char>(Sql::kCount); ++i) {
    const auto sql = static_cast<Sql>(i);
    if (sql_name(sql) == name) return sql_text(sql).find("?1") != std::string_view::npos;
  }
  return false;
}

// Parameters of the shape that each statement is bound to, by the beginning of its name.
std::vector<std::string> params_of(std::string_view name) {
  const std::string scalars =
      R"({"now":1,"op":"o","max":9,"resend":9,"skew":1,"lease":9,"worker":"w","history":50,"bucket":1,"buckets":10})";
  const auto starts = [&](std::string_view prefix) { return name.substr(0, prefix.size()) == prefix; };
  if (!takes_parameter(name)) return {};
  if (name == "query_explain") return {R"([["a"]])", R"({"ahead":9})"};
  if (name == "letters_page" || name == "letters_next" || name == "letters_at") {
    return {R"({"by":"all","name":"a","until":9,"at":1,"id":"a","limit":9,"bytes":9,"index":1,"body":9})"};
  }
  if (name == "compat_letters" || name == "query_failures" || name == "query_breakers")
    return {R"({"limit":9})"};
  if (name == "query_job") return {R"([["a"]])"};
  if (starts("query_list") || starts("query_scanned") || starts("query_unhappy") || starts("query_tagged")) {
    return {
        R"({"before":"g","scan":9,"status":"failed","type":null,"queue":null,"tag":null,"limit":5,"offset":0})"};
  }
  if (starts("query_") || starts("sweep_")) return {R"({"now":1,"rows":9,"bound":"a","skew":1})"};
  if (starts("prune_")) {
    return {R"({"now":1,"rows":9,"bound":"a","completed":1,"failed":1})"};
  }
  if (starts("admit_")) {
    return {R"([["a","q","t","pending",1,null,"k",null,null,1,null,null,2,null,null,null,null,null,1]])",
            scalars};
  }
  if (starts("move_jobs") || starts("move_count") || starts("move_state")) {
    return {R"([["a","processing",1,null,"completed",null,null,1,0,0,0,null,null,2,null,100,0,1]])", scalars};
  }
  return {R"([["a",1,null,null,null]])", scalars};
}

std::string plan_of(Database& db, Sql sql) { return db.plan(sql, params_of(sql_name(sql))); }

// A database that the planner has no reason to think small.
void fill(Database& db) {
  db.execute(R"sql(
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
    INSERT INTO jobs (id, type, queue, transport, status, priority, max_attempts, op, created_at, completed_at,
      updated_at, timeout_ms, payload_size)
    SELECT printf('%d', i), 't', 'q', 'x', CASE WHEN i < 9 THEN 'failed' ELSE 'completed' END, 5, 3, 'o', 1, 1, 1, 1, 2
    FROM n
  )sql");
}

bool runs_often(std::string_view name) {
  for (const std::string_view prefix : {"admit_", "claim_", "move_", "bury_", "sweep_", "prune_", "pulse_",
                                        "archive_", "letters_named", "letters_adopted", "letters_discard"}) {
    if (name.substr(0, prefix.size()) == prefix) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("No statement that runs per job or per minute scans a table of jobs", "[plan]") {
  Database db;
  fill(db);
  for (unsigned char i = 0; i < static_cast<unsigned char>(Sql::kCount); ++i) {
    const auto sql = static_cast<Sql>(i);
    if (!runs_often(sql_name(sql))) continue;
    const std::string plan = plan_of(db, sql);
    INFO(sql_name(sql) << ":\n" << plan);
    for (const char* table : {"jobs", "unique_keys", "u", "bodies", "p", "c", "dead_letters", "d"}) {
      CHECK((plan + "\n").find(std::string("SCAN ") + table + "\n") == std::string::npos);
      CHECK(plan.find(std::string("SCAN ") + table + " USING") == std::string::npos);
    }
  }
}

TEST_CASE("Statements that go through a batch read it once, in its order", "[plan]") {
  Database db;
  for (const Sql sql :
       {Sql::admit_state, Sql::claim_state, Sql::move_state, Sql::bury_state, Sql::pulse_state}) {
    const std::string plan = plan_of(db, sql);
    INFO(sql_name(sql) << ":\n" << plan);
    CHECK(plan.find("SCAN j VIRTUAL TABLE") == 0);
    CHECK(plan.find("TEMP B-TREE") == std::string::npos);
  }
}

TEST_CASE("The sweep finds what is due by its index, and what is new by ranges of ids", "[plan]") {
  Database db;
  fill(db);
  CHECK(plan_of(db, Sql::sweep_due).find("SEARCH jobs USING INDEX jobs_wake (wake_at<?)") == 0);
  CHECK(plan_of(db, Sql::sweep_due).find("TEMP B-TREE") == std::string::npos);
  CHECK(plan_of(db, Sql::sweep_mark).find("SEARCH jobs USING PRIMARY KEY (id>? AND id<?)") == 0);
  CHECK(plan_of(db, Sql::sweep_advance).find("SEARCH jobs USING PRIMARY KEY (id>? AND id<?)") !=
        std::string::npos);
}

TEST_CASE("Retention finds what is due by its index, and what is old by ranges of ids", "[plan]") {
  Database db;
  fill(db);
  for (const Sql sql : {Sql::prune_choose, Sql::prune_later, Sql::prune_lag}) {
    const std::string plan = plan_of(db, sql);
    INFO(sql_name(sql) << ":\n" << plan);
    CHECK(plan.find("USING COVERING INDEX jobs_prune (prune_at<?)") != std::string::npos);
    CHECK(plan.find("SEARCH jobs USING PRIMARY KEY (id>? AND id<?)") != std::string::npos);
    CHECK(plan.find("TEMP B-TREE FOR ORDER BY") == std::string::npos);
  }
  CHECK(plan_of(db, Sql::prune_advance).find("SEARCH jobs USING PRIMARY KEY (id>? AND id<?)") !=
        std::string::npos);
  CHECK(plan_of(db, Sql::prune_messages).find("USING INDEX dead_letters_messages (failed_at<?)") !=
        std::string::npos);
}

TEST_CASE("Lists walk the primary key, lists of what went wrong their own index", "[plan]") {
  Database db;
  fill(db);
  CHECK(plan_of(db, Sql::query_list).find("SEARCH jobs USING PRIMARY KEY (id<?)") != std::string::npos);
  CHECK(plan_of(db, Sql::query_scanned).find("SEARCH jobs USING PRIMARY KEY (id<?)") != std::string::npos);
  const std::string unhappy = plan_of(db, Sql::query_unhappy);
  INFO(unhappy);
  CHECK(unhappy.find("USING INDEX jobs_unhappy (status=? AND id<?)") != std::string::npos);
  CHECK(plan_of(db, Sql::query_job).find("SEARCH jobs USING PRIMARY KEY (id=?)") != std::string::npos);
  CHECK(plan_of(db, Sql::query_tagged).find("SEARCH jobs USING INDEX jobs_tagged (id<?)") !=
        std::string::npos);
  CHECK(plan_of(db, Sql::query_tagged_scanned).find("SEARCH jobs USING INDEX jobs_tagged (id<?)") !=
        std::string::npos);
}

TEST_CASE("The oldest waiting job is looked for in indexes and behind the watermark", "[plan]") {
  Database db;
  fill(db);
  const std::string plan = plan_of(db, Sql::query_waiting);
  INFO(plan);
  CHECK(plan.find("SCAN jobs") == std::string::npos);
  CHECK(plan.find("SEARCH jobs USING INDEX jobs_wake (wake_at>?)") != std::string::npos);
  CHECK(plan.find("SEARCH jobs USING INDEX jobs_line (held_by>?)") != std::string::npos);
  CHECK(plan.find("SEARCH jobs USING PRIMARY KEY (id>?)") != std::string::npos);
}

TEST_CASE("Dead letters are listed and requeued along their indexes, whatever they are chosen by", "[plan]") {
  Database db;
  fill(db);
  const auto finds = [&](Sql sql, const std::string& step) {
    const std::string plan = plan_of(db, sql);
    INFO(sql_name(sql) << ":\n" << plan);
    CHECK(plan.find(step) != std::string::npos);
    CHECK(plan.find("SCAN dead_letters\n") == std::string::npos);
    CHECK(plan.find("SCAN jobs") == std::string::npos);
  };
  const std::string newest = "dead_letters USING INDEX dead_letters_failed_at";
  finds(Sql::letters_page, "SEARCH " + newest + " ((failed_at,id)<(?,?))");
  finds(Sql::letters_at, "SCAN " + newest);
  finds(Sql::compat_letters, "SCAN " + newest);
  finds(Sql::letters_next, "SEARCH " + newest + " ((failed_at,id)>(?,?) AND failed_at<?)");
  finds(Sql::letters_next, "INDEX dead_letters_type (type=? AND (failed_at,id)>(?,?) AND failed_at<?)");
  finds(Sql::letters_next, "INDEX dead_letters_queue (queue=? AND (failed_at,id)>(?,?) AND failed_at<?)");
  finds(Sql::letters_one, "SEARCH d USING PRIMARY KEY (id=?)");
}

TEST_CASE("What goes wrong most often and open breakers are read in order, without a sort", "[plan]") {
  Database db;
  CHECK(plan_of(db, Sql::query_failures) == "SCAN failures USING COVERING INDEX failures_count\n");
  CHECK(plan_of(db, Sql::query_breakers).find("SEARCH gates USING INDEX gates_open (open_until>?)") == 0);
  CHECK(plan_of(db, Sql::query_breakers).find("TEMP B-TREE") == std::string::npos);
  CHECK(plan_of(db, Sql::query_explain).find("SEARCH x USING INDEX jobs_line (held_by=?)") !=
        std::string::npos);
}

TEST_CASE("Every statement has a name, a text, and as many parameters as it is planned with", "[plan]") {
  Database db;
  for (unsigned char i = 0; i < static_cast<unsigned char>(Sql::kCount); ++i) {
    const auto sql = static_cast<Sql>(i);
    CHECK_FALSE(sql_name(sql).empty());
    CHECK(sql_text(sql).find("--") == std::string_view::npos);
    CHECK(sql_text(sql).size() < 100'000);  // D1's longest statement
    CHECK_FALSE(plan_of(db, sql).empty());
  }
  CHECK(sql_text(Sql::kCount).empty());
}
