package io.sluice.instance.registration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.service.json.Json;
import io.sluice.service.settings.DurationFormat;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The registration with one proxy: a request as registration and heartbeat, again after a third of the time that it holds, or soon when it failed. All of it
 * happens on one Vert.x context.
 */
final class ProxyRegistration {
    private static final Logger LOG = LoggerFactory.getLogger(ProxyRegistration.class);
    private static final Duration FIRST_RETRY = Duration.ofMillis(500);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final int BEATS_PER_TTL = 3;

    private final Vertx vertx;
    private final Context context;
    private final HttpClient client;
    private final RegistrationSettings settings;
    private final URI proxy;
    private final String id;
    private final int port;
    private final DoubleSupplier random;
    private Future<Void> lastBeat = Future.succeededFuture();
    private long timer = -1;
    private int failures;
    private String told = "";
    private boolean stopped;
    private volatile boolean registered;

    /** @param random for jitter, 0 to 1 */
    ProxyRegistration(
            Vertx vertx,
            HttpClient client,
            RegistrationSettings settings,
            URI proxy,
            String id,
            int port,
            DoubleSupplier random) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.client = client;
        this.settings = settings;
        this.proxy = proxy;
        this.id = id;
        this.port = port;
        this.random = random;
    }

    URI proxy() {
        return proxy;
    }

    /** Whether the proxy took the last heartbeat. */
    boolean isRegistered() {
        return registered;
    }

    void start() {
        context.runOnContext(started -> beat());
    }

    /** Leaves the pool. Completes when nothing runs here for the proxy any more, or time is up; never fails. */
    Future<Void> stop() {
        Promise<Void> left = Promise.promise();
        context.runOnContext(here -> {
            stopped = true;
            vertx.cancelTimer(timer);
            // A heartbeat that is still on its way would register it again.
            lastBeat.otherwiseEmpty().compose(over -> leave()).onComplete(done -> left.tryComplete());
        });
        return left.future();
    }

    private void beat() {
        if (stopped) {
            return;
        }
        ObjectNode self = JsonNodeFactory.instance.objectNode();
        if (settings.address() == null) {
            self.put("port", port);
        } else {
            self.put("address", settings.address());
        }
        self.put("weight", settings.weight()).put("adminPort", port);
        lastBeat = send(HttpMethod.PUT, "", Optional.of(self), ANSWER)
                .onSuccess(this::taken)
                .onFailure(this::notTaken)
                .mapEmpty();
    }

    private void taken(JsonNode answer) {
        if (!registered) {
            LOG.info(
                    "registered with {} as {} of pool {}, at {}",
                    proxy,
                    id,
                    settings.pool(),
                    answer.path("address").asText());
        }
        registered = true;
        failures = 0;
        told = "";
        Duration ttl = DurationFormat.parse(answer.path("ttl").asText()).orElse(LONGEST_RETRY);
        next(ttl.dividedBy(BEATS_PER_TTL));
    }

    private void notTaken(Throwable cause) {
        String why = String.valueOf(cause.getMessage());
        if (!told.equals(why)) {
            LOG.warn("not registered with {}: {}", proxy, why);
            told = why;
        }
        registered = false;
        Duration wait = FIRST_RETRY.multipliedBy(1L << Math.min(10, failures++));
        next(wait.compareTo(LONGEST_RETRY) < 0 ? wait : LONGEST_RETRY);
    }

    /** Up to a tenth earlier, so that instances that started together do not go on in step. */
    private void next(Duration wait) {
        if (!stopped) {
            long millis = Math.max(1, Math.round(wait.toMillis() * (1 - 0.1 * random.getAsDouble())));
            timer = vertx.setTimer(millis, tick -> beat());
        }
    }

    private Future<Void> leave() {
        registered = false;
        String wait = "?wait=" + DurationFormat.format(settings.drainWait());
        return send(
                        HttpMethod.DELETE,
                        wait,
                        Optional.empty(),
                        settings.drainWait().plus(ANSWER))
                .onSuccess(answer -> LOG.info(
                        "left pool {} of {}{}",
                        settings.pool(),
                        proxy,
                        answer.path("drained").asBoolean() ? "" : ", whose requests still run here"))
                .onFailure(cause -> LOG.warn("could not leave {}: {}", proxy, cause.getMessage()))
                .mapEmpty();
    }

    private Future<JsonNode> send(HttpMethod method, String query, Optional<ObjectNode> body, Duration within) {
        RequestOptions options = new RequestOptions()
                .setMethod(method)
                .setHost(proxy.getHost())
                .setPort(proxy.getPort())
                .setURI("/v1/pools/" + settings.pool() + "/registrations/" + id + query)
                .setTimeout(within.toMillis())
                .putHeader(
                        HttpHeaders.AUTHORIZATION, "Bearer " + settings.token().reveal())
                .putHeader("X-Author", id);
        return client.request(options).compose(request -> {
            Future<HttpClientResponse> response = body.isPresent()
                    ? request.putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                            .send(Buffer.buffer(Json.writeBytes(body.get())))
                    : request.send();
            return response.compose(ProxyRegistration::read);
        });
    }

    private static Future<JsonNode> read(HttpClientResponse response) {
        return response.body().map(body -> {
            JsonNode json = json(body);
            if (response.statusCode() / 100 != 2) {
                String detail = json.path("detail").asText(json.path("title").asText());
                throw new IllegalStateException("answered " + response.statusCode() + " " + detail);
            }
            return json;
        });
    }

    private static JsonNode json(Buffer body) {
        try {
            return Json.mapper().readTree(body.getBytes());
        } catch (IOException e) {
            return JsonNodeFactory.instance.objectNode();
        }
    }
}
