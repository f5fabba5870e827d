// What the ways of admission share: a request's body, its jobs, and what went wrong with each.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/admit.h"

namespace sluice {

// What a request came to: jobs to insert, and per item either its job or its faults.
struct Admission {
  struct Item {
    size_t job = 0;      // index in `jobs` where there is no fault
    unsigned place = 0;  // in the caller's request
    std::vector<Fault> faults;
  };
  json::Document document;
  std::string op;
  std::vector<NewJob> jobs;
  std::vector<Item> items;
  Reply refusal;            // status 0: none
  unsigned shard = 0;       // on which all its jobs live …
  std::vector<Part> split;  // … or, not empty, the items that concern each of several
};

// Parses frame 0 into out.document; false with a refusal (400, 413) where it is no JSON or over `bytes_max`.
[[nodiscard]] bool parse_body(const Input& input, size_t bytes_max, Admission& out);

// Reads one request as the next item; the paths of its faults start with `base`.
void read_item(const Input& input, json::Value request, std::string_view base, unsigned place,
               Entropy& entropy, Admission& out);

// Where an item of a batch is in its request, as a JSON Pointer.
[[nodiscard]] std::string batch_path(unsigned place);

// Gives each job its home, once its keys are known: its id says so. Jobs that would have several become
// faults of their items, which are those of a batch or the one of a request.
void give_homes(const Input& input, bool batch, Admission& out);

// The statements for the jobs of a request.
[[nodiscard]] Step admission_statements(const Input& input, const Admission& admission);
// The row that tells what holds after them.
[[nodiscard]] json::Value admission_state(const Input& input);
// D1 failed: again, or each half by itself, or 503.
[[nodiscard]] Step admission_failed(const Input& input, size_t jobs);
// 429: the queue has reached its maximum depth.
[[nodiscard]] Reply queue_full();

}  // namespace sluice
