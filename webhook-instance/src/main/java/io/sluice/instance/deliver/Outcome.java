package io.sluice.instance.deliver;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How one attempt ended. {@code reason} is for operators: no data of the event, no secrets. */
sealed interface Outcome {
    /** Its name in metrics. */
    String label();

    /** The target confirmed. */
    record Delivered() implements Outcome {
        @Override
        public String label() {
            return "delivered";
        }
    }

    /** It may work later. */
    record Retry(String reason) implements Outcome {
        @Override
        public String label() {
            return "retry";
        }
    }

    /** The target asks for patience; {@code after} (null: not said) goes before our own back-off. */
    record Throttled(String reason, @Nullable Duration after) implements Outcome {
        @Override
        public String label() {
            return "throttled";
        }
    }

    /** It will never work as it is. */
    record Permanent(String reason) implements Outcome {
        @Override
        public String label() {
            return "permanent";
        }
    }
}
