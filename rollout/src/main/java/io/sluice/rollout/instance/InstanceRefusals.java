package io.sluice.rollout.instance;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import io.sluice.instance.api.ConfigProblem;
import io.sluice.rollout.driver.ControlException;
import io.sluice.rollout.driver.ControlException.Kind;
import io.sluice.rollout.remote.RemoteFailure;
import io.sluice.service.json.Json;
import io.vertx.core.Future;
import java.io.IOException;
import java.util.List;

/** What a failed call to an instance means to the engine. */
final class InstanceRefusals {
    private static final ObjectReader PROBLEMS = Json.mapper()
            .readerForListOf(ConfigProblem.class)
            .without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private InstanceRefusals() {}

    static <T> Future<T> translated(Throwable failure) {
        return Future.failedFuture(
                failure instanceof RemoteFailure remote ? exception(remote, kind(remote), List.of()) : failure);
    }

    /** As {@link #translated}, for calls with a configuration: there 400 and 422 list what is wrong with it. */
    static <T> Future<T> translatedOfConfiguration(Throwable failure) {
        return failure instanceof RemoteFailure remote && isAboutConfiguration(remote)
                ? Future.failedFuture(exception(remote, Kind.INVALID, problems(remote)))
                : translated(failure);
    }

    private static boolean isAboutConfiguration(RemoteFailure failure) {
        return failure.kind() == RemoteFailure.Kind.REFUSED && (failure.status() == 400 || failure.status() == 422);
    }

    private static ControlException exception(RemoteFailure failure, Kind kind, List<ConfigProblem> problems) {
        return new ControlException(kind, String.valueOf(failure.getMessage()), problems, failure);
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
        return switch (failure.status()) {
            case 404 -> Kind.NOT_FOUND;
            case 409 -> Kind.CONFLICT;
            default -> failure.status() >= 500 ? Kind.UNKNOWN_OUTCOME : Kind.REFUSED;
        };
    }

    private static List<ConfigProblem> problems(RemoteFailure failure) {
        JsonNode listed = failure.body().map(body -> body.path("errors")).orElse(null);
        try {
            List<ConfigProblem> problems = listed == null || !listed.isArray() ? List.of() : PROBLEMS.readValue(listed);
            if (!problems.isEmpty()) {
                return problems;
            }
        } catch (IOException e) {
            // An answer in another form still is a refusal; its own words follow.
        }
        return List.of(new ConfigProblem("", "", "refused", String.valueOf(failure.getMessage()), null));
    }
}
