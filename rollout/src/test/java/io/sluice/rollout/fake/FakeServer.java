package io.sluice.rollout.fake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.service.json.Json;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;

/** A loopback server that records its requests and answers JSON; every request is handled under one lock. */
public abstract class FakeServer {
    /** One request as it was received. */
    public record Received(String method, String path, Map<String, String> headers, String body) {
        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    /** What to do with requests instead of answering them. */
    public enum Mood {
        ANSWERS,
        /** Reads the request and closes the connection. */
        HANGS_UP,
        /** Does what it is asked for, then closes the connection without an answer. */
        OBEYS_AND_HANGS_UP,
        /** Reads the request and never answers. */
        IS_SILENT
    }

    record Reply(int status, Object body, Map<String, String> headers) {
        static Reply of(int status, Object body) {
            return new Reply(status, body, Map.of());
        }
    }

    final List<Received> received = new CopyOnWriteArrayList<>();
    private volatile Mood mood = Mood.ANSWERS;
    private final Vertx vertx;
    private final AtomicReference<HttpServer> server = new AtomicReference<>();
    private volatile int port;
    private volatile boolean up;

    FakeServer(Vertx vertx) {
        this.vertx = vertx;
    }

    /** Called under the lock of this object. */
    abstract Future<Reply> reply(Received request) throws IOException;

    public Future<Void> start() {
        HttpServer http = vertx.createHttpServer().requestHandler(this::receive);
        server.set(http);
        return http.listen(port, "127.0.0.1")
                .onSuccess(listening -> {
                    port = listening.actualPort();
                    up = true;
                })
                .mapEmpty();
    }

    /** Stops listening; {@link #start()} takes the same port again. */
    public Future<Void> stop() {
        up = false;
        HttpServer http = server.get();
        return http == null ? Future.succeededFuture() : http.close();
    }

    public boolean isUp() {
        return up;
    }

    public String url() {
        return "http://127.0.0.1:" + port;
    }

    public List<Received> received() {
        return received;
    }

    public List<String> calls() {
        return received.stream().map(Received::toString).toList();
    }

    public void mood(Mood now) {
        mood = now;
    }

    private void receive(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            request.headers().forEach(headers::put);
            Received got = new Received(request.method().name(), request.uri(), headers, body.toString());
            received.add(got);
            switch (mood) {
                case HANGS_UP -> request.connection().close();
                case IS_SILENT -> {}
                case OBEYS_AND_HANGS_UP -> {
                    handle(got);
                    request.connection().close();
                }
                case ANSWERS -> handle(got).onSuccess(reply -> send(request, reply));
            }
        });
    }

    private Future<Reply> handle(Received got) {
        synchronized (this) {
            try {
                return reply(got);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void send(HttpServerRequest request, Reply reply) {
        reply.headers().forEach(request.response()::putHeader);
        request.response().setStatusCode(reply.status()).putHeader("content-type", "application/json");
        try {
            request.response().end(Buffer.buffer(Json.mapper().writeValueAsBytes(reply.body())));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Reply problem(int status, String type, String detail) {
        return Reply.of(
                status,
                Map.of(
                        "type",
                        "https://example.test/problems/" + type,
                        "title",
                        type,
                        "status",
                        status,
                        "detail",
                        detail));
    }

    static JsonNode json(Received request) throws IOException {
        return request.body().isEmpty()
                ? Json.mapper().createObjectNode()
                : Json.mapper().readTree(request.body());
    }
}
