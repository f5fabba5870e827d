#include "tests/exhaustive/store.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>

namespace sluice::exhaustive {
namespace {

constexpr size_t kJobs = 0;
constexpr size_t kLetters = 2;
constexpr const char* kTables[] = {"jobs",   "counters",    "dead_letters", "sweep",
                                   "bodies", "unique_keys", "gates",        "dependencies"};

// What holds of every content; each row is a rule and words.
constexpr char kScan[] = R"sql(
WITH scan AS (
  SELECT queue, type, sum(status = 'pending') AS a, sum(status = 'delayed') AS b, sum(status = 'blocked') AS c,
    sum(status = 'processing') AS d, sum(status = 'completed') AS e, sum(status = 'failed') AS f,
    sum(status = 'cancelled') AS g, sum(attempts) AS h
  FROM jobs GROUP BY queue, type
), kept AS (
  SELECT queue, type, pending, delayed, blocked, processing, completed, failed, cancelled, attempts
  FROM counters
)
SELECT 'counters', 'counted ' || json_array(a, b, c, d, e, f, g, h) FROM (SELECT * FROM scan EXCEPT SELECT * FROM kept)
UNION ALL
SELECT 'unwatched', id || ' ' || status FROM jobs
WHERE wake_at IS NULL AND held_by IS NULL AND id <= (SELECT watermark FROM sweep)
  AND status IN ('pending', 'delayed', 'processing')
UNION ALL
SELECT 'waits for nothing', id FROM jobs AS c
WHERE status = 'blocked' AND wake_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM dependencies AS d JOIN jobs AS p ON p.id = d.parent_id
  WHERE d.child_id = c.id AND d.open = 1 AND (p.completed_at IS NULL OR p.wake_at IS NOT NULL)
)
UNION ALL
SELECT 'unwatched', id || ' failed' FROM jobs
WHERE status = 'failed' AND wake_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM dead_letters AS d WHERE d.id = jobs.id AND d.fence = jobs.fence AND d.buried_at IS NOT NULL
)
UNION ALL
SELECT 'a failed job without a dead letter', id FROM jobs
WHERE status = 'failed'
  AND NOT EXISTS (SELECT 1 FROM dead_letters AS d WHERE d.id = jobs.id AND d.fence = jobs.fence)
UNION ALL
SELECT 'a dead letter of a job that is not failed', id FROM dead_letters
WHERE job_id IS NOT NULL AND job_id NOT IN (SELECT id FROM jobs WHERE status = 'failed')
UNION ALL
SELECT 'more attempts than allowed', id FROM jobs WHERE attempts > max_attempts
LIMIT 1
)sql";

std::string read_file(const std::filesystem::path& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

[[noreturn]] void give_up(const std::string& what) { throw std::runtime_error(what); }

std::string column_text(sqlite3_stmt* statement, int n) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, n));
  return text == nullptr ? "" : std::string(text, static_cast<size_t>(sqlite3_column_bytes(statement, n)));
}

void bind_text(sqlite3_stmt* statement, int n, const std::string& text) {
  sqlite3_bind_text64(statement, n, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

}  // namespace

Store::Store(Cut cut, bool whole) : cut_(std::move(cut)), whole_(whole) {
  if (sqlite3_open(":memory:", &db_) != SQLITE_OK) give_up("SQLite does not open.");
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(SLUICE_SOURCE_DIR "/migrations")) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) execute(read_file(file));
  open_tables();
}

Store::~Store() {
  for (const Table& table : tables_) {
    for (sqlite3_stmt* statement : {table.read, table.clear, table.write}) sqlite3_finalize(statement);
  }
  for (sqlite3_stmt* statement : prepared_) sqlite3_finalize(statement);
  for (const auto& [text, statement] : own_) sqlite3_finalize(statement);
  sqlite3_close(db_);
}

void Store::execute(const std::string& sql) {
  if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    give_up(sql + ": " + sqlite3_errmsg(db_));
  }
}

sqlite3_stmt* Store::prepare(const std::string& sql) {
  sqlite3_stmt* out = nullptr;
  if (sqlite3_prepare_v2(db_, sql.c_str(), -1, &out, nullptr) != SQLITE_OK) {
    give_up(sql + ": " + sqlite3_errmsg(db_));
  }
  return out;
}

sqlite3_stmt* Store::statement(Sql sql) {
  const auto n = static_cast<size_t>(sql);
  if (prepared_.size() <= n) prepared_.resize(n + 1, nullptr);
  if (prepared_[n] == nullptr) {
    const std::string text(sql_text(sql));
    prepared_[n] = prepare(cut_ ? cut_(text) : text);
  }
  return prepared_[n];
}

void Store::open_tables() {
  for (const char* name : kTables) {
    Table table;
    table.name = name;
    sqlite3_stmt* info = prepare("PRAGMA table_info(" + table.name + ")");
    std::string marks;
    while (sqlite3_step(info) == SQLITE_ROW) {
      table.columns.push_back(column_text(info, 1));
      marks += marks.empty() ? "?" : ", ?";
    }
    sqlite3_finalize(info);
    table.read = prepare("SELECT * FROM " + table.name + " ORDER BY 1, 2");
    table.clear = prepare("DELETE FROM " + table.name);
    table.write = prepare("INSERT INTO " + table.name + " VALUES (" + marks + ")");
    tables_.push_back(std::move(table));
  }
  size_t known = 0;
  sqlite3_stmt* all = prepare(
      "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
      // What triggers keep follows from the dead letters; the others belong to handlers, of which there are
      // none.
      " AND name NOT IN ('letters', 'failures', 'locks', 'imported_items', 'campaigns', 'prospects',"
      " 'outreach_mails', 'replies', 'resting_senders', 'outreach_changes', 'schedules')");
  if (sqlite3_step(all) == SQLITE_ROW) known = static_cast<size_t>(sqlite3_column_int64(all, 0));
  sqlite3_finalize(all);
  if (known != tables_.size()) give_up("The migrations make tables that this store does not know.");
}

size_t Store::column(size_t table, const char* name) const {
  const auto& columns = tables_[table].columns;
  const auto it = std::find(columns.begin(), columns.end(), name);
  if (it == columns.end()) give_up(std::string("no column ") + name);
  return static_cast<size_t>(it - columns.begin());
}

void Store::load(Id content) {
  for (size_t n = 0; n < tables_.size(); ++n) {
    sqlite3_step(tables_[n].clear);
    sqlite3_reset(tables_[n].clear);
    sqlite3_stmt* write = tables_[n].write;
    for (const Row& row : stored_[content][n]) {
      int i = 0;
      for (const Cell& cell : row) {
        ++i;
        if (cell.type == 'n') sqlite3_bind_null(write, i);
        if (cell.type == 'i') sqlite3_bind_int64(write, i, cell.number);
        if (cell.type == 't') bind_text(write, i, cell.text);
      }
      if (sqlite3_step(write) != SQLITE_DONE) give_up(tables_[n].name + ": " + sqlite3_errmsg(db_));
      sqlite3_reset(write);
    }
  }
}

Store::Tables Store::read() {
  Tables out;
  for (const Table& table : tables_) {
    std::vector<Row> rows;
    while (sqlite3_step(table.read) == SQLITE_ROW) {
      Row row(table.columns.size());
      for (size_t i = 0; i < row.size(); ++i) {
        const int n = static_cast<int>(i);
        const int type = sqlite3_column_type(table.read, n);
        if (type == SQLITE_INTEGER) row[i] = {'i', sqlite3_column_int64(table.read, n), ""};
        if (type == SQLITE_TEXT) row[i] = {'t', 0, column_text(table.read, n)};
      }
      rows.push_back(std::move(row));
    }
    sqlite3_reset(table.read);
    out.push_back(std::move(rows));
  }
  return out;
}

Content Store::describe(const Tables& tables) const {
  Content out;
  const auto at = [&](size_t table, const Row& row, const char* name) -> const Cell& {
    return row[column(table, name)];
  };
  for (const Row& row : tables[kJobs]) {
    JobRow job;
    job.id = at(kJobs, row, "id").text;
    job.status = at(kJobs, row, "status").text;
    job.op = at(kJobs, row, "op").text;
    job.holder = at(kJobs, row, "leased_by").text;
    job.fence = at(kJobs, row, "fence").number;
    job.lease_until = at(kJobs, row, "lease_until").number;
    job.run_at = at(kJobs, row, "run_at").number;
    job.wake_at = at(kJobs, row, "wake_at").number;
    job.losses = at(kJobs, row, "losses").number;
    job.begun = at(kJobs, row, "progress").type != 'n';
    for (const char* name : {"result", "history", "last_error"})
      job.content += at(kJobs, row, name).text + "|";
    for (const char* name : {"attempts", "completed_at"}) {
      job.content += std::to_string(at(kJobs, row, name).number) + "|";
    }
    out.jobs.push_back(std::move(job));
  }
  for (const Row& row : tables[kLetters]) {
    out.letters.push_back({at(kLetters, row, "id").text, at(kLetters, row, "fence").number,
                           at(kLetters, row, "buried_at").type != 'n'});
  }
  return out;
}

void Store::leave_out(Tables& tables) const {
  const Cell one{'i', 1, ""};
  const auto flatten = [&](size_t table, const char* name, const Cell& with) {
    const size_t n = column(table, name);
    for (Row& row : tables[table]) {
      if (row[n].type != 'n') row[n] = with;
    }
  };
  for (const char* name : {"updated_at", "started_at", "completed_at"}) flatten(kJobs, name, one);
  flatten(kJobs, "history", {});
  flatten(kJobs, "last_error", {'t', 0, "{}"});
  const size_t lease = column(kJobs, "lease_until");
  for (Row& row : tables[kJobs]) {
    if (row[lease].type == 'n') row[column(kJobs, "leased_by")] = {};
  }
  flatten(1, "ring", {'t', 0, "[]"});
  for (const char* name : {"failed_at", "buried_at"}) flatten(kLetters, name, one);
  flatten(kLetters, "last_error", {'t', 0, "{}"});
  flatten(kLetters, "op", {'t', 0, ""});
  flatten(3, "ticked_at", one);
  for (Row& row : tables[3]) row[column(3, "previous")] = row[column(3, "watermark")];
  flatten(3, "blocked_from", {'t', 0, ""});
}

Fault Store::scan() {
  auto [it, fresh] = own_.try_emplace(kScan, nullptr);
  if (fresh) it->second = prepare(kScan);
  Fault out;
  if (sqlite3_step(it->second) == SQLITE_ROW) out = {column_text(it->second, 0), column_text(it->second, 1)};
  sqlite3_reset(it->second);
  return out;
}

// Numbers the content that the database holds now.
Id Store::keep(Tables tables) {
  if (!whole_) leave_out(tables);
  std::string key;
  for (const auto& rows : tables) {
    for (const Row& row : rows) {
      for (const Cell& cell : row) {
        key += cell.type == 'i' ? std::to_string(cell.number) : cell.type == 't' ? '"' + cell.text : "-";
        key += '\x1f';
      }
    }
    key += '\x1e';
  }
  const auto [id, fresh] = keys_.add(key);
  if (fresh) {
    contents_.push_back(describe(tables));
    stored_.push_back(std::move(tables));
    faults_.push_back(scan());
  }
  return id;
}

Id Store::empty() { return keep(read()); }

Id Store::batch(const Step& step) {
  std::string key;
  Batch batch;
  for (const Statement& planned : step.plan) {
    std::vector<std::string> texts;
    key += std::to_string(static_cast<int>(planned.sql)) + '\x1e';
    for (const uint32_t n : planned.params) {
      texts.push_back(step.texts[n]);
      key += step.texts[n] + '\x1f';
    }
    batch.statements.emplace_back(planned.sql, std::move(texts));
    batch.for_host.push_back(planned.for_host);
    batch.reads_only = batch.reads_only && sqlite3_stmt_readonly(statement(planned.sql)) != 0;
  }
  const auto [id, fresh] = batch_keys_.add(key);
  if (fresh) batches_.push_back(std::move(batch));
  return id;
}

// Runs the statements; gives the database's refusal, or nothing.
std::string Store::run_all(const Batch& batch, std::string& rows) {
  rows = "[";
  for (size_t n = 0; n < batch.statements.size(); ++n) {
    const auto& [sql, texts] = batch.statements[n];
    sqlite3_stmt* prepared = statement(sql);
    for (size_t i = 0; i < texts.size(); ++i) bind_text(prepared, static_cast<int>(i) + 1, texts[i]);
    std::string list;
    int code = sqlite3_step(prepared);
    for (; code == SQLITE_ROW; code = sqlite3_step(prepared)) {
      list += (list.empty() ? "" : ",") + column_text(prepared, 0);
    }
    const std::string refusal =
        code == SQLITE_DONE ? "" : std::string(sql_name(sql)) + ": " + sqlite3_errmsg(db_);
    sqlite3_reset(prepared);
    if (!refusal.empty()) return refusal;
    if (!batch.for_host[n]) rows += (rows.size() > 1 ? ",[" : "[") + list + "]";
  }
  rows += "]";
  return "";
}

const Commit& Store::run(Id content, Id batch) {
  const uint64_t key = uint64_t{content} << 32 | batch;
  const auto [it, fresh] = memo_.try_emplace(key, commits_.size());
  if (!fresh) return *commits_[it->second];
  commits_.push_back(std::make_unique<Commit>());
  Commit& out = *commits_.back();
  load(content);
  std::string rows;
  execute("BEGIN");
  out.failure = run_all(batches_[batch], rows);
  execute(out.failure.empty() ? "COMMIT" : "ROLLBACK");
  if (!out.failure.empty()) {
    out.after = content;
    return out;
  }
  Tables tables = read();
  out.exact = describe(tables);
  out.after = keep(std::move(tables));
  out.rows = rows_.add(rows).first;
  return out;
}

}  // namespace sluice::exhaustive
