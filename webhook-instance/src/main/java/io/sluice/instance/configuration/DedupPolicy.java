package io.sluice.instance.configuration;

import com.fasterxml.jackson.core.JsonPointer;
import java.time.Duration;
import java.util.function.Function;

/**
 * How copies of one delivery are known: by a key in a header or in the (JSON) body, within {@code ttl} of the first. An event without the
 * key is never taken for a copy.
 */
public record DedupPolicy(Key key, Duration ttl) {
    /** Where the key of a delivery stands. */
    public sealed interface Key {
        /** Calls the function that belongs to this kind of key. */
        <T> T match(Function<Header, T> onHeader, Function<Pointer, T> onPointer);
    }

    /** The value of a header. */
    public record Header(String name) implements Key {
        @Override
        public <T> T match(Function<Header, T> onHeader, Function<Pointer, T> onPointer) {
            return onHeader.apply(this);
        }
    }

    /** A text or number in a JSON body. */
    public record Pointer(JsonPointer pointer) implements Key {
        @Override
        public <T> T match(Function<Header, T> onHeader, Function<Pointer, T> onPointer) {
            return onPointer.apply(this);
        }
    }
}
