// Job types with limits, for tests of the gate.
#pragma once

#include "tests/core/world.h"

namespace sluice::test {

// Types `plain`, `reaching`, whose jobs call what their payload's `page` names, and `narrow`, whose queue
// gives `concurrency` leases at once (0: any number).
inline std::unique_ptr<Config> gate_config_of(const std::string& vars, int concurrency) {
  std::string text = R"json({"types": [
    {"type": "plain", "queue": "background-jobs", "maxAttempts": 3,
     "backoff": {"type": "fixed", "delay": 1000, "jitter": 0}, "payload": {}},
    {"type": "reaching", "queue": "background-jobs", "maxAttempts": 30,
     "gates": {"url": "page", "host": "page"},
     "backoff": {"type": "fixed", "delay": 1000, "jitter": 0}, "payload": {}},
    {"type": "calling", "queue": "background-jobs", "gates": {"receiver": "page", "service": "mail"},
     "backoff": {"type": "fixed", "delay": 1000, "jitter": 0}, "payload": {}},
    {"type": "narrow", "queue": "narrow", "maxAttempts": 3,
     "backoff": {"type": "fixed", "delay": 1000, "jitter": 0}, "payload": {})json";
  if (concurrency > 0) text += R"(, "concurrency": )" + std::to_string(concurrency);
  auto config = std::make_unique<Config>();
  const std::string why = config->load(text + R"(}], "vars": )" + vars + "}");
  INFO(why);
  REQUIRE(why.empty());
  return config;
}

inline const Config& gate_config() {
  static const std::unique_ptr<Config> config = gate_config_of("{}", 2);
  return *config;
}

}  // namespace sluice::test
