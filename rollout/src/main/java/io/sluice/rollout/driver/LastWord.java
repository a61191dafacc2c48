package io.sluice.rollout.driver;

import io.sluice.rollout.engine.Failure;
import io.sluice.rollout.plan.InstanceStep;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * How the latest try of a piece of work ended, for the moment when its deadline cuts off the next one: an instance that has answered is
 * judged by its answer, and one that has not is unreachable. Used on the engine's thread only.
 */
final class LastWord {
    private @Nullable Throwable heard;

    void hear(Throwable failure) {
        heard = failure;
    }

    /** What {@code cause}, the end of the whole work, means. */
    Failure failure(InstanceStep step, Throwable cause) {
        boolean asksInstance = switch (Objects.requireNonNull(step.doing(), "doing")) {
            case PRECHECK, INSTANCE_DRAINED, CONFIG_VERIFIED, UNDRAINED, HEALTHY -> true;
            default -> false;
        };
        if (!asksInstance || !(cause instanceof TimeoutException)) {
            return WorkException.failure(cause);
        }
        Throwable before = heard;
        return before instanceof WorkException
                ? WorkException.failure(before)
                : Failure.of(Failure.Kind.UNREACHABLE, "no answer in time");
    }
}
