#include "checkpoint/pickle_reader.h"

#include <charconv>
#include <unordered_map>
#include <utility>

#include "checkpoint/pickle_builder.h"
#include "checkpoint/pickle_stream.h"

namespace tandem::checkpoint {
namespace {

constexpr std::uint8_t kNewestProtocol = 5;

PickleSlot integer(std::int64_t value, PickleKind kind = PickleKind::kInt) {
  PickleSlot slot{kind, {}};
  slot.integer = value;
  return slot;
}

PickleSlot real(double value) {
  PickleSlot slot{PickleKind::kFloat, {}};
  slot.number = value;
  return slot;
}

bool is_ascii(std::string_view text) {
  for (const char c : text) {
    if ((c & '\x80') != 0) return false;
  }
  return true;
}

// The stack machine. Instructions are named in their comments as pickletools names them.
class Machine {
 public:
  Machine(const StoredBytes& bytes, std::size_t at, const std::string& place)
      : stream_(bytes.bytes, at, place), builder_(bytes, place, stream_) {}

  ReadPickle run() {
    for (;;) {
      const auto code = stream_.number<std::uint8_t>();
      if (code == '.') break;  // STOP
      if (!simple(code) && !number(code) && !text(code) && !container(code) && !memo(code) && !object(code)) {
        stream_.reject("found 0x{:02x}, which is no instruction of a pickle", code);
      }
    }
    const PickleSlot root = pop();
    return {builder_.finish(), root, stream_.position()};
  }

 private:
  void push(PickleSlot slot) { stack_.push_back(slot); }

  // Values may be taken from above the last mark only.
  PickleSlot pop() {
    const PickleSlot top = peek();
    stack_.pop_back();
    return top;
  }

  PickleSlot peek() const {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back()))
      stream_.reject("takes a value where there is none");
    return stack_.back();
  }

  // What lies above the last mark, which goes; it stays on the stack until drop().
  std::span<const PickleSlot> above_mark() {
    if (marks_.empty()) stream_.reject("takes a mark where there is none");
    first_ = marks_.back();
    marks_.pop_back();
    return std::span(stack_).subspan(first_);
  }
  void drop() { stack_.resize(first_); }

  std::span<const PickleSlot> top(std::size_t count) {
    const std::size_t floor = marks_.empty() ? 0 : marks_.back();
    if (stack_.size() - floor < count) stream_.reject("takes {} values where there are fewer", count);
    first_ = stack_.size() - count;
    return std::span(stack_).subspan(first_);
  }

  // Puts what a new container of `elements`, the upmost values, is in their place.
  void collect(PickleKind kind, std::span<const PickleSlot> elements) {
    const PickleSlot made = builder_.container(kind, elements);
    drop();
    push(made);
  }

  // Appends `elements`, the upmost values, to what lies below them.
  void extend(PickleKind kind, std::span<const PickleSlot> elements) {
    const std::size_t floor = marks_.empty() ? 0 : marks_.back();
    if (first_ <= floor) stream_.reject("appends to a value that is not there");
    if (stack_[first_ - 1].kind != kind) stream_.reject("appends to another kind of value");
    builder_.append(stack_[first_ - 1], elements);
    drop();
  }

  bool simple(std::uint8_t code) {
    switch (code) {
      case '(':  // MARK
        marks_.push_back(stack_.size());
        return true;
      case '0':  // POP
        if (!marks_.empty() && marks_.back() == stack_.size()) return marks_.pop_back(), true;
        pop();
        return true;
      case '1':  // POP_MARK
        above_mark();
        drop();
        return true;
      case '2':  // DUP
        push(peek());
        return true;
      case 'N':  // NONE
        push({});
        return true;
      case 0x88:  // NEWTRUE
      case 0x89:  // NEWFALSE
        push(integer(code == 0x88, PickleKind::kBool));
        return true;
      case 0x80: {  // PROTO
        const auto protocol = stream_.number<std::uint8_t>();
        if (protocol > kNewestProtocol)
          stream_.refuse("protocol {}, at most {} is read", protocol, kNewestProtocol);
        return true;
      }
      case 0x95:  // FRAME: its size says nothing that the instructions in it do not
        stream_.number<std::uint64_t>();
        return true;
      default:
        return false;
    }
  }

  bool number(std::uint8_t code) {
    switch (code) {
      case 'J':  // BININT
        push(integer(stream_.number<std::int32_t>()));
        return true;
      case 'K':  // BININT1
        push(integer(stream_.number<std::uint8_t>()));
        return true;
      case 'M':  // BININT2
        push(integer(stream_.number<std::uint16_t>()));
        return true;
      case 0x8A:  // LONG1
        push(builder_.big_integer(stream_.take(stream_.number<std::uint8_t>())));
        return true;
      case 0x8B:  // LONG4
        push(builder_.big_integer(stream_.take(stream_.number<std::uint32_t>())));
        return true;
      case 'G': {  // BINFLOAT, big-endian
        push(real(std::bit_cast<double>(__builtin_bswap64(stream_.number<std::uint64_t>()))));
        return true;
      }
      case 'I':  // INT
      case 'L':  // LONG
        push(decimal(stream_.line()));
        return true;
      case 'F':  // FLOAT
        push(real(parse<double>(stream_.line())));
        return true;
      default:
        return false;
    }
  }

  template <typename Number>
  Number parse(std::string_view digits) const {
    Number value{};
    const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (end.ec != std::errc() || end.ptr != digits.data() + digits.size())
      stream_.reject("a line is no number");
    return value;
  }

  PickleSlot decimal(std::string_view line) const {
    if (line == "00" || line == "01") return integer(line == "01", PickleKind::kBool);
    if (line.ends_with('L')) line.remove_suffix(1);
    return integer(parse<std::int64_t>(line));
  }

  bool text(std::uint8_t code) {
    switch (code) {
      case 'X':  // BINUNICODE
        push(builder_.text(PickleKind::kString, stream_.take(stream_.number<std::uint32_t>())));
        return true;
      case 0x8C:  // SHORT_BINUNICODE
        push(builder_.text(PickleKind::kString, stream_.take(stream_.number<std::uint8_t>())));
        return true;
      case 0x8D:  // BINUNICODE8
        push(builder_.text(PickleKind::kString, stream_.take(stream_.number<std::uint64_t>())));
        return true;
      case 'B':  // BINBYTES
        push(builder_.text(PickleKind::kBytes, stream_.take(stream_.number<std::uint32_t>())));
        return true;
      case 'C':  // SHORT_BINBYTES
        push(builder_.text(PickleKind::kBytes, stream_.take(stream_.number<std::uint8_t>())));
        return true;
      case 0x8E:  // BINBYTES8
      case 0x96:  // BYTEARRAY8
        push(builder_.text(PickleKind::kBytes, stream_.take(stream_.number<std::uint64_t>())));
        return true;
      case 'T':  // BINSTRING
        push(string_of_python2(stream_.take(stream_.number<std::uint32_t>())));
        return true;
      case 'U':  // SHORT_BINSTRING
        push(string_of_python2(stream_.take(stream_.number<std::uint8_t>())));
        return true;
      case 'V': {  // UNICODE
        const auto line = stream_.line();
        if (!is_ascii(line) || line.find('\\') != line.npos)
          stream_.refuse("a text with escapes; save it by protocol 2");
        push(builder_.text(PickleKind::kString, line));
        return true;
      }
      default:
        return false;
    }
  }

  // Text and bytes were one to it.
  PickleSlot string_of_python2(std::string_view bytes) {
    return builder_.text(is_ascii(bytes) ? PickleKind::kString : PickleKind::kBytes, bytes);
  }

  bool container(std::uint8_t code) {
    switch (code) {
      case '}':  // EMPTY_DICT
        push(builder_.container(PickleKind::kDict, {}));
        return true;
      case ']':  // EMPTY_LIST
        push(builder_.container(PickleKind::kList, {}));
        return true;
      case ')':  // EMPTY_TUPLE
        push(builder_.container(PickleKind::kTuple, {}));
        return true;
      case 0x8F:  // EMPTY_SET
        push(builder_.container(PickleKind::kSet, {}));
        return true;
      case 'd':  // DICT
        collect(PickleKind::kDict, above_mark());
        return true;
      case 'l':  // LIST
        collect(PickleKind::kList, above_mark());
        return true;
      case 't':  // TUPLE
        collect(PickleKind::kTuple, above_mark());
        return true;
      case 0x91:  // FROZENSET
        collect(PickleKind::kSet, above_mark());
        return true;
      case 0x85:  // TUPLE1
      case 0x86:  // TUPLE2
      case 0x87:  // TUPLE3
        collect(PickleKind::kTuple, top(code - 0x84u));
        return true;
      case 'a':  // APPEND
        extend(PickleKind::kList, top(1));
        return true;
      case 'e':  // APPENDS
        extend(PickleKind::kList, above_mark());
        return true;
      case 's':  // SETITEM
        extend(PickleKind::kDict, top(2));
        return true;
      case 'u':  // SETITEMS
        extend(PickleKind::kDict, above_mark());
        return true;
      case 0x90:  // ADDITEMS
        extend(PickleKind::kSet, above_mark());
        return true;
      default:
        return false;
    }
  }

  bool memo(std::uint8_t code) {
    switch (code) {
      case 'p':  // PUT
        memo_[parse<std::uint32_t>(stream_.line())] = peek();
        return true;
      case 'q':  // BINPUT
        memo_[stream_.number<std::uint8_t>()] = peek();
        return true;
      case 'r':  // LONG_BINPUT
        memo_[stream_.number<std::uint32_t>()] = peek();
        return true;
      case 0x94:  // MEMOIZE
        memo_[static_cast<std::uint32_t>(memo_.size())] = peek();
        return true;
      case 'g':  // GET
        push(remembered(parse<std::uint32_t>(stream_.line())));
        return true;
      case 'h':  // BINGET
        push(remembered(stream_.number<std::uint8_t>()));
        return true;
      case 'j':  // LONG_BINGET
        push(remembered(stream_.number<std::uint32_t>()));
        return true;
      default:
        return false;
    }
  }

  PickleSlot remembered(std::uint32_t number) const {
    const auto found = memo_.find(number);
    if (found == memo_.end()) stream_.reject("asks for the value number {}, which was not kept", number);
    return found->second;
  }

  bool object(std::uint8_t code) {
    switch (code) {
      case 'c': {  // GLOBAL
        const auto module = stream_.line();
        push(builder_.name(module, stream_.line()));
        return true;
      }
      case 0x93: {  // STACK_GLOBAL
        const PickleSlot name = pop();
        push(builder_.name(text_of(pop()), text_of(name)));
        return true;
      }
      case 'i': {  // INST: a name and a call of it; none that may be called comes so
        const auto module = stream_.line();
        const PickleSlot class_name = builder_.name(module, stream_.line());
        collect(PickleKind::kTuple, above_mark());
        push(builder_.call(class_name, pop()));
        return true;
      }
      case 'Q':  // BINPERSID
        push(builder_.persistent(pop()));
        return true;
      case 'R':     // REDUCE
      case 0x81: {  // NEWOBJ
        const PickleSlot arguments = pop();
        push(builder_.call(pop(), arguments));
        return true;
      }
      case 'b': {  // BUILD
        const PickleSlot state = pop();
        builder_.set_state(peek(), state);
        return true;
      }
      case 'P':   // PERSID
      case 'S':   // STRING
      case 'o':   // OBJ
      case 0x82:  // EXT1
      case 0x83:  // EXT2
      case 0x84:  // EXT4
      case 0x92:  // NEWOBJ_EX
      case 0x97:  // NEXT_BUFFER
      case 0x98:  // READONLY_BUFFER
        stream_.refuse(
            "the instruction 0x{:02x}, which plain tensors and arrays do not need; save it by "
            "torch.save with its defaults",
            code);
      default:
        return false;
    }
  }

  std::string_view text_of(PickleSlot slot) const {
    return builder_.text_of(slot, PickleKind::kString, "a text");
  }

  PickleStream stream_;
  PickleBuilder builder_;
  std::vector<PickleSlot> stack_;
  std::vector<std::size_t> marks_;  // sizes of the stack
  std::size_t first_ = 0;           // where above_mark() and top() begin
  std::unordered_map<std::uint32_t, PickleSlot> memo_;
};

}  // namespace

ReadPickle read_pickle(const StoredBytes& bytes, std::size_t at, const std::string& place) {
  return Machine(bytes, at, place).run();
}

}  // namespace tandem::checkpoint
