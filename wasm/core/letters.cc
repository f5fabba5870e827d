#include "core/letters.h"

#include "core/id.h"
#include "core/order.h"
#include "core/present.h"
#include "core/record.h"

namespace sluice {
namespace {

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void write_size(json::Writer& writer, json::Value cell) {
  writer.raw(cell.is(json::Kind::number) ? cell.raw() : "null");
}

struct Letters {
  std::vector<json::Value> rows;
  uint32_t at;
  uint32_t id;
};

bool is_newer(const void* context, uint32_t a, uint32_t b) {
  const auto& list = *static_cast<const Letters*>(context);
  const int64_t one = time_of(list.rows[a].at(list.at));
  const int64_t other = time_of(list.rows[b].at(list.at));
  return one != other ? one > other : list.rows[a].at(list.id).text() > list.rows[b].at(list.id).text();
}

}  // namespace

std::vector<json::Value> newest_first(json::Value rows, uint32_t at, uint32_t id) {
  Letters list{{}, at, id};
  for (const json::Value row : rows) list.rows.push_back(row);
  std::vector<json::Value> out;
  for (const uint32_t n : sorted_indices(list.rows.size(), &list, is_newer)) out.push_back(list.rows[n]);
  return out;
}

// Ids of messages hold what a URL's query does not: they travel as "x" and hexadecimal digits.
std::string write_place(const LetterPlace& place) {
  std::string out = std::to_string(place.at) + ".";
  if (is_id(place.id)) return out.append(place.id);
  out += 'x';
  for (const char c : place.id) out += hex(static_cast<unsigned char>(c), 2);
  return out;
}

bool read_place(std::string_view text, LetterPlace& out) {
  const size_t dot = text.find('.');
  if (dot == 0 || dot > 15) return false;
  int64_t at = 0;
  for (const char c : text.substr(0, dot)) {
    if (c < '0' || c > '9') return false;
    at = at * 10 + (c - '0');
  }
  const std::string_view id = text.substr(dot + 1);
  if (!is_id(id) && (id.size() < 3 || id.size() % 2 == 0 || id[0] != 'x')) return false;
  LetterPlace place{at, is_id(id) ? std::string(id) : ""};
  for (size_t i = 1; place.id.size() * 2 + 1 < id.size() && !is_id(id); i += 2) {
    const int high = digit(id[i]);
    const int low = digit(id[i + 1]);
    // Ids are ASCII; anything else is no cursor of ours.
    if (high < 0 || high > 7 || low < 0 || high + low == 0) return false;
    place.id += static_cast<char>(high * 16 + low);
  }
  out = std::move(place);
  return true;
}

void write_letter(json::Writer& writer, json::Value row, uint32_t first) {
  const auto raw = [&](letter::Column column) { return row.at(first + column).raw(); };
  writer.begin_object().key("id").raw(raw(letter::id)).key("jobId").raw(raw(letter::job_id));
  writer.key("type").raw(raw(letter::type)).key("queue").raw(raw(letter::queue));
  writer.key("attempts").raw(raw(letter::attempts)).key("maxAttempts").raw(raw(letter::max_attempts));
  writer.key("lastError").raw(raw(letter::last_error)).key("failedAt");
  write_time(writer, row.at(first + letter::failed_at));
  writer.key("archivedAt");
  write_time(writer, row.at(first + letter::buried_at));
  if (first == 0) {
    writer.key("payload");
    write_body(writer, row.at(letter::payload));
    writer.key("payloadSize");
    write_size(writer, row.at(letter::payload_size));
  }
  writer.key("body").raw(raw(letter::body)).key("bodySize");
  write_size(writer, row.at(first + letter::body_size));
  writer.end_object();
}

}  // namespace sluice
