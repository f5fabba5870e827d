// The world that flow tests run in: the real migrations in SQLite, a clock that only the test moves, and the
// executor's loop as shim/step.js and shim/store.js have it.
#pragma once

#include <sqlite3.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/step.h"

namespace sluice::test {

// D1's longest string, blob and row in bytes (its documentation, "Limits").
inline constexpr int kD1BytesMax = 2'000'000;

inline std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file);
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

// A row of a statement whose rows are the caller's: its columns as text, NULL as "null".
struct HostRow {
  std::string id;
  std::string payload;
  std::string checkpoint;
};

class Database {
 public:
  // What one batch came to.
  struct Batch {
    std::string failure;  // empty: committed and answered
    std::string rows;     // JSON for the core
    std::vector<HostRow> host;
    int64_t changed = 0;  // rows that it inserted, updated or deleted
  };

  Database() {
    REQUIRE(sqlite3_open(":memory:", &db_) == SQLITE_OK);
    sqlite3_limit(db_, SQLITE_LIMIT_LENGTH, kD1BytesMax);
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(SLUICE_SOURCE_DIR "/migrations")) {
      files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (const auto& file : files) execute(read_file(file.string()));
  }
  ~Database() {
    for (sqlite3_stmt* statement : prepared_) sqlite3_finalize(statement);
    sqlite3_close(db_);
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // The next `times` batches fail with `failure`; `committed` says whether they were carried out before.
  void fail_next(std::string failure, bool committed, int times = 1) {
    failure_ = std::move(failure);
    committed_ = committed;
    failing_ = times;
  }

  // Runs a plan's statements as one transaction with every parameter bound as text.
  Batch run(const Step& step) {
    Batch out;
    const bool fails = failing_ > 0;
    if (fails) --failing_;
    if (fails && !committed_) {
      out.failure = failure_;
      return out;
    }
    const int64_t before = sqlite3_total_changes64(db_);
    execute("BEGIN");
    out.rows = "[";
    bool first = true;
    for (const Statement& statement : step.plan) {
      if (!run_one(statement, step.texts, first, out)) {
        execute("ROLLBACK");
        return out;
      }
      first = first && statement.for_host;
    }
    out.rows += "]";
    execute("COMMIT");
    out.changed = sqlite3_total_changes64(db_) - before;
    if (fails) {
      out = Batch();
      out.failure = failure_;
    }
    return out;
  }

  // Runs SQL of the test's own.
  void execute(const std::string& sql) {
    char* message = nullptr;
    const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, &message);
    INFO(sql << ": " << (message == nullptr ? "" : message));
    REQUIRE(code == SQLITE_OK);
    sqlite3_free(message);
  }

  // The first column of the first row as text; "NULL" for a null, "" where there is no row.
  std::string text(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    INFO(sql << ": " << sqlite3_errmsg(db_));
    REQUIRE(sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
    std::string out;
    if (sqlite3_step(statement) == SQLITE_ROW) out = column(statement, 0, "NULL");
    sqlite3_finalize(statement);
    return out;
  }

  int64_t number(const std::string& sql) { return std::strtoll(text(sql).c_str(), nullptr, 10); }

  // Column `name` of a job.
  std::string job(std::string_view id, const std::string& name) {
    return text("SELECT " + name + " FROM jobs WHERE id = '" + std::string(id) + "'");
  }
  int64_t job_number(std::string_view id, const std::string& name) {
    return std::strtoll(job(id, name).c_str(), nullptr, 10);
  }

  // The query plan of a statement, its steps on lines of their own.
  std::string plan(Sql sql, const std::vector<std::string>& params) {
    sqlite3_stmt* statement = nullptr;
    const std::string text = "EXPLAIN QUERY PLAN " + std::string(sql_text(sql));
    INFO(text << ": " << sqlite3_errmsg(db_));
    REQUIRE(sqlite3_prepare_v2(db_, text.c_str(), -1, &statement, nullptr) == SQLITE_OK);
    for (size_t i = 0; i < params.size(); ++i) bind(statement, static_cast<int>(i) + 1, params[i]);
    std::string out;
    while (sqlite3_step(statement) == SQLITE_ROW) out += column(statement, 3, "") + "\n";
    sqlite3_finalize(statement);
    return out;
  }

 private:
  static std::string column(sqlite3_stmt* statement, int n, const char* null) {
    if (sqlite3_column_type(statement, n) == SQLITE_NULL) return null;
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, n));
    return std::string(text, static_cast<size_t>(sqlite3_column_bytes(statement, n)));
  }

  static int bind(sqlite3_stmt* statement, int n, const std::string& text) {
    return sqlite3_bind_text64(statement, n, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
  }

  sqlite3_stmt* prepare(Sql sql) {
    const auto n = static_cast<size_t>(sql);
    if (prepared_.size() <= n) prepared_.resize(n + 1, nullptr);
    if (prepared_[n] == nullptr) {
      const std::string text(sql_text(sql));
      const int code = sqlite3_prepare_v2(db_, text.c_str(), -1, &prepared_[n], nullptr);
      INFO(sql_name(sql) << ": " << sqlite3_errmsg(db_));
      REQUIRE(code == SQLITE_OK);
    }
    return prepared_[n];
  }

  // False, with the failure in `out`, where the database refuses.
  bool run_one(const Statement& planned, const std::vector<std::string>& texts, bool first, Batch& out) {
    sqlite3_stmt* statement = prepare(planned.sql);
    sqlite3_reset(statement);
    bool refused = sqlite3_bind_parameter_count(statement) != static_cast<int>(planned.params.size());
    for (size_t i = 0; i < planned.params.size(); ++i) {
      refused = bind(statement, static_cast<int>(i) + 1, texts.at(planned.params[i])) != SQLITE_OK || refused;
    }
    std::string rows;
    int code = refused ? SQLITE_ERROR : sqlite3_step(statement);
    for (; code == SQLITE_ROW; code = sqlite3_step(statement)) {
      if (planned.for_host) {
        out.host.push_back(
            {column(statement, 0, "null"), column(statement, 1, "null"), column(statement, 2, "null")});
      } else {
        rows += (rows.empty() ? "" : ",") + column(statement, 0, "null");
      }
    }
    if (code != SQLITE_DONE) {
      out = Batch();
      out.failure = "D1_ERROR: " + std::string(sql_name(planned.sql)) + ": " + sqlite3_errmsg(db_);
    } else if (!planned.for_host) {
      out.rows += (first ? "[" : ",[") + rows + "]";
    }
    sqlite3_reset(statement);
    return code == SQLITE_DONE;
  }

  sqlite3* db_ = nullptr;
  std::vector<sqlite3_stmt*> prepared_;
  std::string failure_;
  bool committed_ = false;
  int failing_ = 0;
};

// Where the counters differ from a scan of the jobs; empty where they do not.
inline std::string counters_against_scan(Database& db) {
  return db.text(R"sql(
    WITH scan AS (
      SELECT queue, type, sum(status = 'pending') AS a, sum(status = 'delayed') AS b, sum(status = 'blocked') AS c,
        sum(status = 'processing') AS d, sum(status = 'completed') AS e, sum(status = 'failed') AS f,
        sum(status = 'cancelled') AS g, sum(attempts) AS h
      FROM jobs GROUP BY queue, type
    ), kept AS (
      SELECT queue, type, pending, delayed, blocked, processing, completed, failed, cancelled, attempts
      FROM counters
      WHERE pending OR delayed OR blocked OR processing OR completed OR failed OR cancelled OR attempts
    )
    SELECT coalesce(group_concat(line, '; '), '') FROM (
      SELECT 'scan ' || json_array(queue, type, a, b, c, d, e, f, g, h) AS line
      FROM (SELECT * FROM scan EXCEPT SELECT * FROM kept)
      UNION ALL
      SELECT 'counters ' || json_array(queue, type, pending, delayed, blocked, processing, completed, failed,
        cancelled, attempts)
      FROM (SELECT * FROM kept EXCEPT SELECT * FROM scan)
    )
  )sql");
}

// Where the places that gates count differ from the leases there are, and who stands in a line although it
// does not wait; empty where there is nothing.
inline std::string gates_against_scan(Database& db) {
  return db.text(R"sql(
    SELECT coalesce(group_concat(what, '; '), '') FROM (
      SELECT key || ' counts ' || sum(used) || ' too many' AS what FROM (
        SELECT key, used FROM gates
        UNION ALL
        SELECT o.value, -1 FROM jobs, json_each(jobs.gates) AS o WHERE jobs.lease_until IS NOT NULL
      ) GROUP BY key HAVING sum(used) <> 0
      UNION ALL
      SELECT id || ' is ' || status || ' in line ' || held_by FROM jobs
      WHERE held_by IS NOT NULL AND status NOT IN ('pending', 'delayed')
    )
  )sql");
}

inline void expect_counters_equal_scan(Database& db) { CHECK(counters_against_scan(db) == ""); }

// Unfinished jobs behind the watermark that nothing looks at, and jobs that wait for nothing that will come;
// empty where there are none.
inline std::string unwatched(Database& db) {
  return db.text(R"sql(
    SELECT coalesce(group_concat(words, '; '), '') FROM (SELECT id || ' ' || status AS words FROM jobs
    WHERE wake_at IS NULL AND held_by IS NULL AND id <= (SELECT watermark FROM sweep)
      AND status IN ('pending', 'delayed', 'processing')
    UNION ALL SELECT 'blocked ' || c.id FROM jobs AS c
    WHERE c.status = 'blocked' AND c.wake_at IS NULL AND NOT EXISTS (
      SELECT 1 FROM dependencies AS d JOIN jobs AS p ON p.id = d.parent_id
      WHERE d.child_id = c.id AND d.open = 1 AND (p.completed_at IS NULL OR p.wake_at IS NOT NULL)
    ))
  )sql");
}

inline void expect_unfinished_are_watched(Database& db) { CHECK(unwatched(db) == ""); }

// Final jobs behind retention's walk that nothing will remove; empty where there are none.
inline std::string kept_for_ever(Database& db) {
  return db.text(R"sql(
    SELECT coalesce(group_concat(id || ' ' || status, '; '), '') FROM jobs
    WHERE prune_at IS NULL AND completed_at IS NOT NULL AND id <= (SELECT pruned_to FROM sweep)
  )sql");
}

// Where the counts of dead letters differ from a scan; empty where they do not.
inline std::string letters_against_scan(Database& db) {
  return db.text(R"sql(
    WITH scan AS (
      SELECT 'queue' AS by, queue AS name, '' AS code, '' AS message, count(*) AS n FROM dead_letters GROUP BY queue
      UNION ALL
      SELECT 'failure', coalesce(type, ''), last_error ->> 'code', last_error ->> 'message', count(*)
      FROM dead_letters GROUP BY 2, 3, 4
    ), kept AS (
      SELECT 'queue' AS by, queue AS name, '' AS code, '' AS message, count AS n FROM letters WHERE count > 0
      UNION ALL
      SELECT 'failure', type, code, message, count FROM failures
    )
    SELECT coalesce(group_concat(line, '; '), '') FROM (
      SELECT 'scan ' || json_array(by, name, code, message, n) AS line
      FROM (SELECT * FROM scan EXCEPT SELECT * FROM kept)
      UNION ALL
      SELECT 'kept ' || json_array(by, name, code, message, n) FROM (SELECT * FROM kept EXCEPT SELECT * FROM scan)
    )
  )sql");
}

// What was left behind by jobs that are removed: bodies, unique keys and dead letters; empty where there is
// nothing.
inline std::string orphans(Database& db) {
  return db.text(R"sql(
    SELECT coalesce(group_concat(what, '; '), '') FROM (
      SELECT 'body ' || job_id AS what FROM bodies WHERE job_id NOT IN (SELECT id FROM jobs)
      UNION ALL SELECT 'key ' || key FROM unique_keys WHERE job_id NOT IN (SELECT id FROM jobs)
      UNION ALL SELECT 'dependency of ' || child_id FROM dependencies
      WHERE child_id NOT IN (SELECT id FROM jobs) OR parent_id NOT IN (SELECT id FROM jobs)
      UNION ALL SELECT 'dead letter ' || id FROM dead_letters WHERE job_id NOT IN (SELECT id FROM jobs)
    )
  )sql");
}

}  // namespace sluice::test
