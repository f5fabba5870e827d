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
      R"({"now":1,"op":"o","max":9,"resend":9,"skew":1,"lease":9,"worker":"w","history":50,"bucket":1,"buckets":10,
         "look":9,"ahead":9,"paced":1,"caps":[["c:",1],["q:b",2,5]]})";
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
  if (name == "sweep_lines") return {R"({"lines":9})", scalars};
  if (name == "sweep_lines_advance") return {R"({"line":"c:a"})"};
  if (name == "gate_queue") return {R"({"name":"b"})"};
  if (name == "gate_prune") return {R"({"now":9,"skew":1,"fails":1})"};
  if (name == "gate_drop") return {R"([["c:a",1]])", scalars};
  if (name == "gate_pause") return {R"({"name":"b","known":1,"paused":1})", scalars};
  if (starts("gate_")) return {R"([["c:a",1]])", scalars};
  if (name == "query_parents") return {R"([["a"]])"};
  if (name == "depend_parents") return {R"([["a"]])", R"({"bytes":9})"};
  if (name == "depend_insert" || name == "depend_missing") {
    return {R"([["a",0,1,["b"],null,null]])"};
  }
  if (name == "depend_walk" || name == "depend_heal") return {R"({"now":1,"rows":9})"};
  if (name == "depend_release") return {R"({"now":1})"};
  if (name == "depend_state") return {R"({"wake":1,"op":"o"})"};
  if (name == "depend_prune") return {};
  if (starts("depend_")) return {R"([["a",0]])", R"({"now":1,"op":"o","edges":9,"wake":2})"};
  if (starts("poll_")) {
    return {
        R"({"line":"p:q","lines":9,"rows":9,"now":1,"skew":1,"op":"o","worker":"w","lease":9,"wake":10,
           "ahead":9,"paced":1,"caps":[["q:b",2,5]]})"};
  }
  if (starts("query_") || starts("sweep_")) return {R"({"now":1,"rows":9,"bound":"a","skew":1})"};
  if (name == "schedule_keys" || name == "schedule_advance" || name == "schedule_unkey") {
    return {R"([["s","o",1,2,"a","tick:s:1"]])", scalars};
  }
  if (starts("schedule_")) return {R"({"now":1,"at":-1,"name":"","rows":9,"bytes":9,"max":9})"};
  if (starts("lock_")) {
    return {R"({"key":"k","value":"v","id":"a","fence":1,"now":1,"until":2,"skew":1})"};
  }
  if (starts("prune_")) {
    return {R"({"now":1,"rows":9,"after":"","bound":"a","completed":1,"failed":1,"skew":1})"};
  }
  if (starts("admit_")) {
    if (name == "admit_insert") {
      return {R"([["a",0,null,1,1,null,"k",null]])", scalars,
              R"([["t","q","b","pending",5,3,null,null,9,null,null,null,null,null,null,null,null]])"};
    }
    if (name == "admit_count") return {R"([["a",0,1,null,"k",null]])", scalars, R"([["q","t","pending"]])"};
    return {R"([["a",0,1,null,"k",null]])", scalars};
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
  for (const std::string_view prefix :
       {"admit_",         "claim_",        "poll_",           "move_",
        "complete_",      "bury_",         "sweep_",          "prune_",
        "depend_",        "pulse_",        "archive_",        "gate_",
        "lock_",          "schedule_due",  "schedule_keys",   "schedule_advance",
        "schedule_unkey", "letters_named", "letters_adopted", "letters_discard"}) {
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
    for (const char* table : {"jobs", "unique_keys", "u", "bodies", "p", "c", "dead_letters", "d", "l",
                              "gates", "g", "x", "mine", "locks", "schedules"}) {
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

TEST_CASE("A poll reads the first of its line in the line's order, and finds what it leased by a key",
          "[plan]") {
  Database db;
  fill(db);
  for (const Sql sql : {Sql::poll_park, Sql::poll_count, Sql::poll_places, Sql::poll_take}) {
    const std::string plan = plan_of(db, sql);
    INFO(sql_name(sql) << ":\n" << plan);
    CHECK(plan.find("SEARCH x USING INDEX jobs_line (held_by=?)") != std::string::npos);
    // Who of them is first at a gate, and has which turn there, is told by a sort of these few.
    const bool sorts = sql == Sql::poll_park || sql == Sql::poll_take;
    CHECK((sorts || plan.find("TEMP B-TREE FOR ORDER BY") == std::string::npos));
    CHECK(plan.find("SEARCH jobs USING PRIMARY KEY (id=?)") != std::string::npos);
    CHECK(plan.find("SEARCH mine USING INDEX jobs_wake (wake_at=?)") != std::string::npos);
  }
  CHECK(plan_of(db, Sql::poll_state).find("SEARCH jobs USING INDEX jobs_wake (wake_at=?)") == 0);
  CHECK(plan_of(db, Sql::poll_payloads).find("SEARCH jobs USING INDEX jobs_wake (wake_at=?)") == 0);
  const std::string lines = plan_of(db, Sql::poll_lines);
  INFO(lines);
  CHECK(lines.find("SEARCH jobs USING COVERING INDEX jobs_line (held_by>? AND held_by<?)") !=
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
  CHECK(plan_of(db, Sql::prune_locks).find("USING COVERING INDEX locks_expires_at (expires_at<?)") !=
        std::string::npos);
  CHECK(plan_of(db, Sql::prune_messages).find("USING INDEX dead_letters_messages (failed_at<?)") !=
        std::string::npos);
}

TEST_CASE("Lines are walked by their index, in the order of rank", "[plan]") {
  Database db;
  fill(db);
  const std::string release = plan_of(db, Sql::gate_release);
  INFO(release);
  CHECK(release.find("SEARCH l USING INDEX jobs_line (held_by=?)") != std::string::npos);
  CHECK(release.find("SEARCH jobs USING PRIMARY KEY (id=?)") != std::string::npos);
  CHECK(plan_of(db, Sql::sweep_lines).find("USING COVERING INDEX jobs_line (held_by>?)") !=
        std::string::npos);
  CHECK(plan_of(db, Sql::admit_insert).find("SEARCH x USING COVERING INDEX jobs_line (held_by=?)") !=
        std::string::npos);
}

TEST_CASE("Dependencies are found by their keys, and jobs that wait by their index", "[plan]") {
  Database db;
  fill(db);
  for (const Sql sql : {Sql::depend_count, Sql::depend_move, Sql::depend_close}) {
    const std::string plan = plan_of(db, sql);
    INFO(sql_name(sql) << ":\n" << plan);
    CHECK(plan.find("SEARCH d USING PRIMARY KEY (parent_id=?)") != std::string::npos);
    for (const char* table : {"dependencies", "m", "o"}) {
      CHECK((plan + "\n").find(std::string("SCAN ") + table + "\n") == std::string::npos);
    }
  }
  CHECK(plan_of(db, Sql::depend_state).find("SEARCH jobs USING INDEX jobs_wake (wake_at=?)") == 0);
  CHECK(plan_of(db, Sql::depend_walk).find("SEARCH jobs USING INDEX jobs_blocked (id>?)") !=
        std::string::npos);
  CHECK(plan_of(db, Sql::depend_heal).find("USING INDEX jobs_blocked (id>? AND id<?)") != std::string::npos);
  CHECK(plan_of(db, Sql::depend_prune).find("SEARCH dependencies USING PRIMARY KEY") != std::string::npos);
  CHECK(plan_of(db, Sql::depend_release).find("SEARCH jobs USING PRIMARY KEY (id=?)") != std::string::npos);
}

TEST_CASE("Schedules that are due are found by their index, and each by its name", "[plan]") {
  Database db;
  const std::string due = plan_of(db, Sql::schedule_due);
  INFO(due);
  CHECK(due.find("SEARCH schedules USING INDEX schedules_next") != std::string::npos);
  CHECK(due.find("TEMP B-TREE") == std::string::npos);
  CHECK(
      plan_of(db, Sql::sweep_lag).find("SEARCH schedules USING COVERING INDEX schedules_next (next_at<?)") !=
      std::string::npos);
  CHECK(plan_of(db, Sql::schedule_list) == "SEARCH schedules USING PRIMARY KEY (name>?)\n");
  for (const Sql sql : {Sql::schedule_keys, Sql::schedule_advance, Sql::schedule_delete}) {
    const std::string plan = plan_of(db, sql);
    INFO(sql_name(sql) << ":\n" << plan);
    CHECK(plan.find("SEARCH schedules USING PRIMARY KEY (name=?)") != std::string::npos);
  }
}

TEST_CASE("Locks are found by their keys", "[plan]") {
  Database db;
  fill(db);
  const std::string plan = plan_of(db, Sql::lock_release);
  INFO(plan);
  CHECK(plan.find("SEARCH locks USING PRIMARY KEY (key=?)") != std::string::npos);
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
