// A list of fixed capacity for what a reading can hold only few of.
#pragma once

#include <cstddef>

#include "chat/chat.h"

namespace sluice::chat {

// Up to kRequestsMax items, of a type that is copied as bytes; more are dropped, as no request could come of
// them.
template <class Item>
class ShortList {
 public:
  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] bool full() const { return size_ == kRequestsMax; }
  [[nodiscard]] const Item* begin() const { return items_; }
  [[nodiscard]] const Item* end() const { return items_ + size_; }
  [[nodiscard]] const Item& operator[](size_t i) const { return items_[i]; }

  void add(Item item) {
    if (!full()) items_[size_++] = item;
  }
  void drop_last() { --size_; }
  void clear() { size_ = 0; }

 private:
  Item items_[kRequestsMax];
  size_t size_ = 0;
};

}  // namespace sluice::chat
