#include "views/parameters.h"

namespace sluice {

void read_number(json::Value control, std::string_view key, int64_t low, int64_t high, int64_t& out,
                 std::vector<Fault>& faults) {
  const std::string_view text = control.find(key).text();
  if (text.empty()) return;
  int64_t value = 0;
  bool valid = text.size() <= 9;
  for (const char c : text) {
    valid = valid && c >= '0' && c <= '9';
    if (valid) value = value * 10 + (c - '0');
  }
  if (valid && value >= low && value <= high) {
    out = value;
    return;
  }
  const std::string range = std::to_string(low) + " to " + std::to_string(high);
  faults.push_back({pointer("", key), "range", "Must be an integer from " + range + "."});
}

}  // namespace sluice
