#include "core/redrive.h"

#include <algorithm>

#include "core/admin.h"
#include "core/id.h"
#include "core/limits.h"
#include "core/present.h"
#include "core/redrive_work.h"
#include "core/reply.h"
#include "core/shards.h"

namespace sluice {
namespace {

constexpr uint32_t kLetterId = redriven::kLetter + letter::id;

std::string_view letter_id(json::Value row) { return row.at(kLetterId).text(); }

Step ask_letter(const Look& look, std::string_view id) {
  Step step;
  look_at(look, step);
  step.add(Sql::letters_named, {bind_id(id, step)});
  return step;
}

Step refuse(int status, std::string_view detail) {
  Step step;
  step.reply = problem(status, detail);
  return step;
}

Step lost_race() {
  Step step = refuse(409, "The dead letter is changing; try again.");
  step.more = true;
  return step;
}

// A request for many, and how far it has come.
struct Many {
  json::Document request, progress;
  json::Value ids;        // an array, or absent
  std::string_view by;    // type, queue or all, where there are no ids
  std::string_view name;  // of the type or queue
  int64_t limit = limits::kRedriveLimitDefault;
  int64_t until = 0;  // dead letters that came later are not for this request
  int64_t seen = 0;   // dead letters looked at
  int64_t requeued = 0;
  LetterPlace place;  // the last one looked at
  Reply refusal;      // status 0: none
};

void read_wish(json::Value root, Many& out, std::vector<Fault>& faults) {
  int wishes = 0;
  for (const std::string_view by : {"ids", "type", "queue", "all"}) {
    const json::Value member = root.find(by);
    if (!member) continue;
    ++wishes;
    if (by == "ids") {
      out.ids = member;
    } else {
      out.by = by;
      out.name = member.text();
    }
  }
  if (wishes != 1) faults.push_back({"", "conflict", "Give one of ids, type, queue and all."});
  out.limit = whole(root.find("limit"), out.limit);
  const std::string_view cursor = root.find("cursor").text();
  if (!cursor.empty() && !read_place(cursor, out.place)) {
    faults.push_back({"/cursor", "format", "Must be a nextCursor."});
  }
}

void read_progress(const Input& input, Many& out) {
  out.until = input.now;
  if (input.frames.size() < 2 || out.progress.parse(input.frames[1])) return;
  const json::Value root = out.progress.root();
  const json::Value next = root.find("next");
  out.requeued = count_of(root.find("requeued"));
  out.until = time_of(next.find("until"));
  out.seen = count_of(next.find("seen"));
  (void)read_place(next.find("cursor").text(), out.place);
}

void read_many(const Input& input, Many& out) {
  out.place = {0, ""};
  const std::string_view body = input.frames.empty() ? std::string_view() : input.frames[0];
  out.refusal = read_json(body, out.request);
  if (out.refusal.status != 0) return;
  std::vector<Fault> faults;
  const json::Value root = out.request.root();
  if (input.config.redrive.validate(root, "", faults)) read_wish(root, out, faults);
  if (!faults.empty()) {
    out.refusal = problem(422, "The request is not valid.", faults);
    return;
  }
  read_progress(input, out);
}

int64_t rows_wanted(const Many& many) {
  return std::clamp<int64_t>(many.limit - many.seen, 0, limits::kRedriveRows);
}

// Many are taken from one shard after the other: this is the one at which the place is.
unsigned shard_at(const Config& config, const LetterPlace& place) { return home_of_job(config, place.id); }

// Before every dead letter of a shard but the first.
LetterPlace start_of(unsigned shard) {
  std::string id = "00000000-0000-7000-8000-000000000000";
  set_shard(id, shard);
  return {0, id};
}

// Where dead letters of these names can be.
std::vector<unsigned> shards_of_names(const Config& config, json::Value ids) {
  std::vector<unsigned> out = config.judges();
  for (const json::Value id : ids) {
    const int shard = shard_of_job(config, id.text());
    const bool new_one = shard >= 0 && std::find(out.begin(), out.end(), shard) == out.end();
    if (new_one) out.push_back(static_cast<unsigned>(shard));
  }
  return out;
}

Step choose_ids(const Input& input, const Many& many) {
  std::string text;
  json::Writer writer(text);
  writer.begin_array();
  int64_t n = 0;
  for (const json::Value id : many.ids) {
    if (n++ < many.seen) continue;
    if (n > many.seen + rows_wanted(many)) break;
    writer.begin_array().string(id.text()).end_array();
  }
  writer.end_array();
  Step step;
  if (input.config.shards > 1) step.shards = shards_of_names(input.config, many.ids);
  step.add(Sql::letters_named, {step.text(std::move(text))});
  return step;
}

// One more row than wanted tells whether there is another.
Step choose(const Input& input, const Many& many) {
  if (many.ids) return choose_ids(input, many);
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("by").string(many.by).key("name").string_or_null(many.name);
  writer.key("until").integer(many.until);
  writer.key("at").integer(many.place.at).key("id").string(many.place.id);
  writer.key("limit").integer(rows_wanted(many) + 1).key("bytes").integer(limits::kRedriveBytes);
  writer.end_object();
  Step step;
  step.shard = shard_at(input.config, many.place);
  step.add(Sql::letters_next, {step.text(std::move(text))});
  return step;
}

// What a step leaves: whether there are others, and after which one they come.
struct Rest {
  int64_t looked = 0;
  bool any = false;
  LetterPlace place;
};

Rest rest_of_names(const Many& many) {
  Rest out;
  const auto all = static_cast<int64_t>(many.ids.size());
  out.looked = std::clamp<int64_t>(all - many.seen, 0, rows_wanted(many));
  out.any = many.seen + out.looked < all;
  return out;
}

Rest rest_of_shard(const Many& many, json::Value rows) {
  Rest out;
  const int64_t wanted = rows_wanted(many);
  out.looked = std::min<int64_t>(rows.size(), wanted);
  if (out.looked == 0) return out;
  bool messages = false;
  for (const json::Value row : rows) {
    messages = messages || row.at(redriven::kLetter + letter::body).is(json::Kind::string);
  }
  out.any = static_cast<int64_t>(rows.size()) > wanted || messages;
  const json::Value last = rows.at(static_cast<uint32_t>(out.looked) - 1);
  out.place = {time_of(last.at(redriven::kLetter + letter::failed_at)), std::string(letter_id(last))};
  return out;
}

Rest rest_of(const Input& input, const Many& many, json::Value rows) {
  if (many.ids) return rest_of_names(many);
  Rest out = rest_of_shard(many, rows);
  const unsigned next = shard_at(input.config, many.place) + 1;
  if (out.any || next >= input.config.shards) return out;
  out.any = true;
  out.place = start_of(next);
  return out;
}

// The row of each name, of those that the shards gave: one that was found, where there is one.
std::vector<json::Value> rows_looked(const Many& many, const Rest& rest, json::Value rows) {
  std::vector<json::Value> out;
  const auto count = static_cast<uint32_t>(rest.looked);
  for (uint32_t i = 0; i < count; ++i) {
    json::Value row = rows.at(i);
    for (uint32_t n = i; many.ids && n < rows.size() && letter_id(row).empty(); n += count) row = rows.at(n);
    if (row) out.push_back(row);
  }
  return out;
}

std::vector<json::Value> rows_of(const Input& input, const std::vector<json::Value>& rows, unsigned shard) {
  std::vector<json::Value> out;
  for (const json::Value row : rows) {
    if (shard_of_letter(input.config, row) == shard) out.push_back(row);
  }
  return out;
}

void write_skipped(json::Writer& writer, const Many& many, const std::vector<Skipped>& skipped) {
  uint32_t n = 0;
  writer.key("skipped").begin_array();
  for (const json::Value before : many.progress.root().find("skipped")) {
    if (n++ < limits::kRedriveSkippedMax) writer.raw(before.raw());
  }
  for (const Skipped& one : skipped) {
    if (n++ >= limits::kRedriveSkippedMax) break;
    writer.begin_object().key("id").string(one.id).key("code").string(one.code);
    writer.key("detail").string(one.detail).end_object();
  }
  writer.end_array();
}

void answer(const Many& many, const Rest& rest, int64_t requeued, const std::vector<Skipped>& skipped,
            Step& step) {
  const int64_t seen = many.seen + rest.looked;
  step.more = rest.any && seen < many.limit;
  step.reply = {200, 0, ""};
  json::Writer writer(step.reply.body);
  writer.begin_object().key("requeued").integer(many.requeued + requeued);
  write_skipped(writer, many, skipped);
  const std::string cursor = many.ids || !rest.any ? "" : write_place(rest.place);
  if (step.more) {
    writer.key("next").begin_object().key("until").integer(many.until).key("seen").integer(seen);
    writer.key("cursor").string(cursor).end_object();
  } else if (!cursor.empty()) {
    writer.key("nextCursor").string(cursor);
  }
  writer.end_object();
}

// D1 failed: what earlier steps have done is told, and where the next request goes on.
Step many_failed(const Input& input, const Many& many) {
  Step step;
  if (try_again(input, step)) return step;
  if (many.seen == 0) {
    step.reply = unavailable();
    return step;
  }
  answer(many, {0, true, many.place}, 0, {}, step);
  step.more = false;
  return step;
}

}  // namespace

Step requeue_found(const Input& input, const Look& found) {
  Step step;
  if (!found.row) return refuse(404, "There is no such dead letter.");
  Redrive redrive(input, {found.row});
  if (redrive.idle()) {
    const Skipped& why = redrive.skipped().front();
    return refuse(why.code == "not_found" ? 404 : 409, why.detail);
  }
  if (input.rows.size() == found.stages) {
    redrive.add(step);
    step.add(Sql::query_job, {bind_id(redrive.first_id(), step)});
    return step;
  }
  const json::Value stage = input.rows.back();
  if (redrive.conclude(stage, step) == 0) return lost_race();
  step.reply.status = 200;
  json::Writer writer(step.reply.body);
  write_job(writer, stage.at(stage.size() - 1).at(0));
  return step;
}

Step requeue_named(const Input& input, std::string_view id) {
  const Look found = look_for(input, id, kLetterId);
  return found.shards.empty() ? requeue_found(input, found) : ask_letter(found, id);
}

Step requeue_letter(const Input& input) {
  if (input.failed) return failed_batch(input);
  return requeue_named(input, input.control.find("id").text());
}

Step requeue_letters(const Input& input) {
  Many many;
  read_many(input, many);
  Step step;
  step.reply = many.refusal;
  if (step.reply.status != 0) return step;
  if (input.failed && input.rows.size() < 2) return many_failed(input, many);
  if (input.failed && try_again(input, step)) return step;
  if (input.rows.empty()) return choose(input, many);
  const json::Value rows = input.rows[0].at(0);
  const Rest rest = rest_of(input, many, rows);
  const std::vector<json::Value> looked = rows_looked(many, rest, rows);
  int64_t requeued = 0;
  std::vector<Skipped> skipped;
  size_t stage = 1;  // of the next shard on which something is to be done
  for (unsigned shard = 0; shard < input.config.shards; ++shard) {
    Redrive redrive(input, rows_of(input, looked, shard));
    if (!redrive.idle() && stage < input.rows.size()) {
      requeued += redrive.conclude(input.rows[stage++], step);
    } else if (!redrive.idle() && !input.failed) {
      Step next;
      redrive.add(next);
      return next;
    } else if (!redrive.idle()) {
      redrive.give_up();
    }
    for (const Skipped& one : redrive.skipped()) skipped.push_back(one);
  }
  answer(many, rest, requeued, skipped, step);
  return step;
}

Step discard_letter(const Input& input) {
  if (input.failed) return failed_batch(input);
  Step step;
  const std::string_view id = input.control.find("id").text();
  const Look found = look_for(input, id, kLetterId);
  if (!found.shards.empty()) return ask_letter(found, id);
  const json::Value row = found.row;
  if (letter_id(row).empty()) return refuse(404, "There is no such dead letter.");
  Entropy entropy = input.entropy;
  const std::string op = make_nonce(entropy);
  const bool job = row.at(redriven::kLetter + letter::job_id).is(json::Kind::string);
  std::vector<Move> moves;
  if (job) moves.push_back(discard(held_of(row), input.now, time_of(row.at(redriven::kCompletedAt))));
  if (input.rows.size() == found.stages) {
    step.shard = found.shard;
    if (job) add_moves(input, op, moves, step);
    std::string text;
    json::Writer(text).begin_object().key("op").string(op).end_object();
    const uint32_t bound = bind_id(letter_id(row), step);
    step.add(Sql::letters_discard, {bound, step.text(std::move(text))});
    return step;
  }
  if (job) {
    const Freed freed = freed_by(input, moves);
    const Aftermath after = aftermath(moves, freed, input.rows.back(), 1);
    if (!moved(after.state, 0, op)) step = lost_race();
    send_aftermath(input, moves, freed, after, step);
    if (step.more) return step;
  }
  step.reply.status = 200;
  json::Writer writer(step.reply.body);
  write_letter(writer, row, redriven::kLetter);
  return step;
}

}  // namespace sluice
