#include "views/queues.h"

#include <algorithm>
#include <vector>

#include "core/limits.h"
#include "core/order.h"
#include "core/policy.h"
#include "core/record.h"
#include "core/shards.h"

namespace sluice {
namespace {

// One logical queue; its parts come from the configuration, the counters and the gates.
struct Queue {
  std::string_view name;
  std::string_view transport;  // empty: not known any more
  Counts counts;
  bool paused = false;
  int64_t used = 0;
  int64_t letters = 0;
};

class Queues {
 public:
  Queue& at(std::string_view name) {
    for (Queue& queue : list_) {
      if (queue.name == name) return queue;
    }
    list_.emplace_back();
    list_.back().name = name;
    return list_.back();
  }
  [[nodiscard]] const std::vector<Queue>& list() const { return list_; }

 private:
  std::vector<Queue> list_;
};

bool by_name(const void* context, uint32_t a, uint32_t b) {
  const auto& list = *static_cast<const std::vector<Queue>*>(context);
  return list[a].name < list[b].name;
}

Queues read_queues(const Input& input) {
  Queues out;
  for (const JobType& type : input.config.types) {
    out.at(type.queue).transport = kTransports[type.transport].name;
    out.at(type.urgent_queue).transport = kTransports[type.urgent_transport].name;
  }
  for (const json::Value row : input.rows[0].at(0)) out.at(row.at(counter::kQueue).text()).counts.add(row);
  for (const json::Value row : input.rows[0].at(3)) {
    Queue& queue = out.at(row.at(0).text());
    queue.paused = queue.paused || row.at(1).integer() != 0;
    queue.used += count_of(row.at(2));
  }
  return out;
}

int64_t letters_of(const Input& input, std::string_view queue) {
  int64_t out = 0;
  for (const json::Value row : input.rows[0].at(2)) {
    if (row.at(0).text() == queue) out += count_of(row.at(1));
  }
  return out;
}

void write_rate(json::Writer& writer, const RatePolicy* rate) {
  if (rate == nullptr) {
    writer.null();
    return;
  }
  writer.begin_object().key("count").integer(rate->count).key("perMs").integer(rate->per_ms).end_object();
}

void write_queue(json::Writer& writer, const Input& input, const Queue& queue) {
  writer.begin_object().key("name").string(queue.name).key("transport").string_or_null(queue.transport);
  writer.key("paused").boolean(queue.paused);
  write_counts(writer, queue.counts);
  writer.key("deadLetters").integer(letters_of(input, queue.name));
  writer.key("limits").begin_object().key("concurrency");
  writer.integer_or_null(input.config.queue_cap(queue.name)).key("rate");
  write_rate(writer, input.config.queue_rate(queue.name));
  writer.end_object();
  const int64_t oldest = oldest_waiting(input.rows[0].at(1), queue.name, queue.counts.at(Status::pending));
  writer.key("oldestWaitingMs");
  if (oldest == 0) {
    writer.null();
  } else {
    writer.integer(std::max<int64_t>(input.now - oldest, 0));
  }
  writer.end_object();
}

}  // namespace

int64_t oldest_waiting(json::Value waiting, std::string_view queue, int64_t pending) {
  int64_t found = 0;
  int64_t bound = 0;
  for (const json::Value row : waiting) {
    const int64_t at = time_of(row.at(1));
    if (!row.at(0).is(json::Kind::string)) {
      bound = bound == 0 ? at : std::min(bound, at);
    } else if ((queue.empty() || row.at(0).text() == queue) && (found == 0 || at < found)) {
      found = at;
    }
  }
  return found == 0 && pending > 0 ? bound : found;
}

Step list_queues(const Input& input) {
  Step step;
  if (input.rows.empty()) {
    on_all(input.config, step);
    std::string text;
    json::Writer(text).begin_object().key("rows").integer(limits::kWaitingRows).end_object();
    step.add(Sql::query_counters, {});
    step.add(Sql::query_waiting, {step.text(std::move(text))});
    step.add(Sql::query_letters, {});
    step.add(Sql::query_paused, {});
    return step;
  }
  const Queues queues = read_queues(input);
  step.reply.status = 200;
  json::Writer writer(step.reply.body);
  writer.begin_object().key("queues").begin_array();
  for (const uint32_t n : sorted_indices(queues.list().size(), &queues.list(), by_name)) {
    write_queue(writer, input, queues.list()[n]);
  }
  writer.end_array().end_object();
  return step;
}

}  // namespace sluice
