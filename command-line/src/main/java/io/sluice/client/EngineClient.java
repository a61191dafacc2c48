package io.sluice.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/** The rollout engine's API. */
public final class EngineClient {
    /** Every instance is asked whether it would take the configuration before the answer comes. */
    private static final Duration SUBMIT_TIMEOUT = Duration.ofSeconds(60);

    private static final long PAUSE_MILLIS = 500;

    private final ApiClient api;
    private final LongSupplier nanoTime;

    public EngineClient(ApiClient api, LongSupplier nanoTime) {
        this.api = api;
        this.nanoTime = nanoTime;
    }

    /** Starts a rollout; the answer is its view. */
    public JsonNode submit(ObjectNode request) {
        Map<String, String> headers =
                Map.of("Idempotency-Key", UUID.randomUUID().toString());
        return api.call("POST", "/v1/rollouts", request, headers, SUBMIT_TIMEOUT)
                .orThrow()
                .json();
    }

    public JsonNode rollout(String id) {
        return api.get("/v1/rollouts/" + id).json();
    }

    /** Newest first. */
    public JsonNode rollouts(int limit) {
        return api.get("/v1/rollouts?limit=" + limit).json();
    }

    /** Asks for {@code abort}, {@code rollback}, {@code pause} or {@code resume}. */
    public JsonNode act(String id, String action, String reason) {
        Map<String, String> body = Map.of("action", action, "reason", reason);
        return api.call("POST", "/v1/rollouts/" + id + "/actions", body, Map.of())
                .orThrow()
                .json();
    }

    /**
     * Follows a rollout until {@code sink} says false or nothing more will come. A broken connection is taken up again where it
     * broke, for {@code patience} without any event.
     *
     * @throws UnreachableException when the engine stays away
     */
    public void follow(String id, Duration patience, Predicate<ReceivedEvent> sink) {
        String path = "/v1/rollouts/" + id + "/events";
        String[] last = {""};
        long[] heard = {nanoTime.getAsLong()};
        CountDownLatch never = new CountDownLatch(1);
        while (true) {
            try {
                boolean over = new EventReader(api).read(path, last[0], event -> {
                    heard[0] = nanoTime.getAsLong();
                    last[0] = event.id().isEmpty() ? last[0] : event.id();
                    return sink.test(event);
                });
                if (over) {
                    return;
                }
            } catch (UnreachableException e) {
                if (nanoTime.getAsLong() - heard[0] > patience.toNanos()) {
                    throw e;
                }
            }
            if (interruptedWhile(never)) {
                return;
            }
        }
    }

    private static boolean interruptedWhile(CountDownLatch never) {
        try {
            return never.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
