package io.sluice.rollout.traffic;

import io.sluice.rollout.driver.ControlException;
import io.sluice.rollout.driver.ControlException.Kind;
import io.sluice.rollout.remote.RemoteFailure;
import io.vertx.core.Future;
import java.util.List;

/** What a failed call to the proxy means to the engine. */
final class ProxyRefusals {
    private ProxyRefusals() {}

    static <T> Future<T> translated(Throwable failure) {
        return Future.failedFuture(
                failure instanceof RemoteFailure remote
                        ? new ControlException(kind(remote), String.valueOf(remote.getMessage()), List.of(), remote)
                        : failure);
    }

    static boolean isKind(Throwable failure, Kind kind) {
        return failure instanceof ControlException control && control.kind() == kind;
    }

    private static Kind kind(RemoteFailure failure) {
        return switch (failure.kind()) {
            case UNREACHABLE -> Kind.UNREACHABLE;
            case UNKNOWN_OUTCOME, MALFORMED -> Kind.UNKNOWN_OUTCOME;
            case REFUSED -> refusal(failure);
        };
    }

    private static Kind refusal(RemoteFailure failure) {
        if (failure.problemType().equals("stale-epoch")) {
            return Kind.STALE_EPOCH;
        }
        if (failure.problemType().equals("floor-would-break")) {
            return Kind.FLOOR;
        }
        return switch (failure.status()) {
            case 404 -> Kind.NOT_FOUND;
            case 412 -> Kind.CONFLICT;
            default -> failure.status() >= 500 ? Kind.UNKNOWN_OUTCOME : Kind.REFUSED;
        };
    }
}
