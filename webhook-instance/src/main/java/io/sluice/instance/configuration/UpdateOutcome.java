package io.sluice.instance.configuration;

import io.sluice.instance.api.ConfigProblem;
import java.util.List;
import java.util.function.Function;

/** How a wish for another configuration ended. */
public sealed interface UpdateOutcome {
    /** Calls the function that belongs to this outcome. */
    <T> T match(Function<Accepted, T> onAccepted, Function<Refused, T> onRefused);

    /**
     * It runs now; or ran already, unchanged; or, for a validation, would run. The generation of a validated one is the running one's.
     */
    record Accepted(boolean changed, Configuration configuration) implements UpdateOutcome {
        @Override
        public <T> T match(Function<Accepted, T> onAccepted, Function<Refused, T> onRefused) {
            return onAccepted.apply(this);
        }
    }

    /** Nothing changed. */
    record Refused(Reason reason, String message, List<ConfigProblem> problems) implements UpdateOutcome {
        public Refused {
            problems = List.copyOf(problems);
        }

        /** Refused for what is wrong with it. */
        public static Refused invalid(InvalidConfigurationException e) {
            int count = e.problems().size();
            return new Refused(Reason.INVALID, count + (count == 1 ? " problem" : " problems"), e.problems());
        }

        @Override
        public <T> T match(Function<Accepted, T> onAccepted, Function<Refused, T> onRefused) {
            return onRefused.apply(this);
        }
    }

    /** Why nothing changed. */
    enum Reason {
        /** The configuration cannot run. */
        INVALID,
        /** Another one is running than the caller thought. */
        CONFLICT,
        /** No stored configuration has this hash. */
        UNKNOWN_HASH,
        /** The disk failed. What runs now goes on; after a restart it may be either. */
        NOT_STORED
    }
}
