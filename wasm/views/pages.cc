#include "views/pages.h"

#include <algorithm>
#include <vector>

#include "core/id.h"
#include "core/limits.h"
#include "core/order.h"
#include "core/present.h"
#include "core/record.h"
#include "core/reply.h"
#include "core/shards.h"
#include "views/parameters.h"

namespace sluice {
namespace {

struct Filter {
  std::string before;
  std::string_view status, type, queue, tag;
  int64_t limit = limits::kListLimitDefault;
  int64_t offset = 0;
};

Filter read_filter(json::Value control, std::vector<Fault>& faults) {
  Filter out;
  out.before = "g";  // after every id
  out.status = control.find("status").text();
  out.type = control.find("type").text();
  out.queue = control.find("queue").text();
  out.tag = control.find("tag").text();
  read_number(control, "limit", 1, limits::kListLimitMax, out.limit, faults);
  read_number(control, "offset", 0, limits::kListOffsetMax, out.offset, faults);
  Status status = Status::pending;
  if (!out.status.empty() && !parse_status(out.status, status)) {
    faults.push_back({"/status", "enum", "Must be a job's status."});
  }
  const std::string_view cursor = control.find("cursor").text();
  if (!cursor.empty() && !is_id(cursor)) faults.push_back({"/cursor", "format", "Must be a nextCursor."});
  if (!cursor.empty()) out.before = cursor;
  return out;
}

bool unhappy(const Filter& filter) {
  return filter.status == name(Status::failed) || filter.status == name(Status::cancelled);
}

// Rows that a page may read: more than it shows only where a filter leaves some of them out. An index knows
// who has failed or was cancelled.
int64_t scan_rows(const Filter& filter) {
  const bool by_status = !filter.status.empty() && !unhappy(filter);
  const bool filtered = by_status || !(filter.type.empty() && filter.queue.empty() && filter.tag.empty());
  return filtered ? std::max(limits::kListScanRows, filter.offset + filter.limit)
                  : filter.offset + filter.limit;
}

// `bare`: only the ids of the jobs are wanted.
Step list_statements(const Input& input, const Filter& filter, bool bare = false) {
  Step step;
  on_all(input.config, step);
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("before").string(filter.before).key("scan").integer(scan_rows(filter));
  writer.key("status").string_or_null(filter.status).key("type").string_or_null(filter.type);
  writer.key("queue").string_or_null(filter.queue).key("tag").string_or_null(filter.tag);
  writer.key("limit").integer(filter.limit).key("offset").integer(filter.offset);
  if (bare) writer.key("bare").integer(1);
  writer.end_object();
  const uint32_t bound = step.text(std::move(text));
  const bool tagged = !filter.tag.empty();
  step.add(unhappy(filter) ? Sql::query_unhappy : tagged ? Sql::query_tagged : Sql::query_list, {bound});
  step.add(unhappy(filter) ? Sql::query_unhappy_scanned
           : tagged        ? Sql::query_tagged_scanned
                           : Sql::query_scanned,
           {bound});
  return step;
}

std::string_view id_of(json::Value row) { return row.at(column::id).text(); }

bool is_newer(const void* context, uint32_t a, uint32_t b) {
  const auto& rows = *static_cast<const std::vector<json::Value>*>(context);
  return id_of(rows[a]) > id_of(rows[b]);
}

// What the databases gave of a page, each no more than `limit` jobs.
struct Page {
  std::vector<json::Value> jobs;  // newest first, those that are known to have none missing before them
  std::string_view cursor;        // where the next page starts; empty: there is nothing more
};

// Where the look of one database ended: after the last of its jobs, when it gave as many as were wanted,
// else, when a bounded look found fewer, after the last row looked at. Empty: there is nothing more.
std::string_view end_of_look(const Filter& filter, int64_t jobs, std::string_view last, json::Value scanned) {
  if (jobs >= filter.limit) return last;
  return scanned.at(0).integer() >= scan_rows(filter) ? scanned.at(1).text() : std::string_view();
}

// What lies behind the first of those ends is for a later page: one of the databases has not looked there.
Page read_page(const Input& input, const Filter& filter, size_t stage) {
  Page out;
  std::vector<json::Value> rows;
  for (const json::Value row : input.rows[stage].at(0)) rows.push_back(row);
  std::string_view end;
  uint32_t shard = 0;
  for (const json::Value scanned : input.rows[stage].at(1)) {
    int64_t jobs = 0;
    std::string_view last;
    for (const json::Value row : rows) {
      if (home_of_job(input.config, id_of(row)) != shard) continue;
      ++jobs;
      last = id_of(row);
    }
    end = std::max(end, end_of_look(filter, jobs, last, scanned));
    ++shard;
  }
  std::vector<uint32_t> order(rows.size());
  for (uint32_t n = 0; n < order.size(); ++n) order[n] = n;
  if (input.config.shards > 1) sort_indices(order, &rows, is_newer);
  for (const uint32_t n : order) {
    if (static_cast<int64_t>(out.jobs.size()) == filter.limit || id_of(rows[n]) < end) break;
    out.jobs.push_back(rows[n]);
  }
  const bool full = static_cast<int64_t>(out.jobs.size()) == filter.limit;
  out.cursor = full ? id_of(out.jobs.back()) : end;
  return out;
}

Step answer(const Page& page) {
  Step step;
  step.reply.status = 200;
  json::Writer writer(step.reply.body);
  writer.begin_object().key("jobs").begin_array();
  for (const json::Value row : page.jobs) write_job(writer, row);
  writer.end_array();
  if (!page.cursor.empty()) writer.key("nextCursor").string(page.cursor);
  writer.end_object();
  return step;
}

// With several databases nobody knows which jobs an offset skips before all have told theirs: their ids come
// first, and then the page begins after the last of them.
Step list_after_offset(const Input& input, const Filter& filter) {
  Filter skipped = filter;
  skipped.limit = filter.offset;
  skipped.offset = 0;
  if (input.rows.empty()) return list_statements(input, skipped, true);
  const Page before = read_page(input, skipped, 0);
  if (static_cast<int64_t>(before.jobs.size()) < skipped.limit) return answer({{}, before.cursor});
  Filter rest = filter;
  rest.offset = 0;
  rest.before = before.cursor;
  return input.rows.size() == 1 ? list_statements(input, rest) : answer(read_page(input, rest, 1));
}

}  // namespace

Step list_jobs(const Input& input) {
  Step step;
  std::vector<Fault> faults;
  const Filter filter = read_filter(input.control, faults);
  if (!faults.empty()) {
    step.reply = problem(422, "The filter is not valid.", faults);
    return step;
  }
  if (input.config.shards > 1 && filter.offset > 0) return list_after_offset(input, filter);
  return input.rows.empty() ? list_statements(input, filter) : answer(read_page(input, filter, 0));
}

}  // namespace sluice
