package io.sluice.instance.receive;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.sluice.instance.drain.Drain;
import io.sluice.instance.outbox.FailingOutbox;
import io.sluice.instance.outbox.OutboxException;
import io.sluice.instance.outbox.PausedOutbox;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WebhookIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String GITHUB_SIGNATURE =
            "sha256=d42927434049e0b8c73ce887062238cc1c6bb6644bfe66e66d8dd0f30b85679e";
    private static final String WEBHOOKS = """
            { "open": { "module": "save_to_disk", "module-config": { "path": "open" } },
              "ok": { "module": "log", "respond": { "status": 200 } },
              "quick": { "module": "log", "ack": "received" },
              "bytes": { "module": "log", "data_type": "blob", "limits": { "body": 1000 } },
              "guarded": { "module": "log", "authorization": "Bearer letmein" },
              "signed": { "module": "log", "hmac": { "secret": "s3cr3t", "header": "X-Hub-Signature-256",
                "algorithm": "sha256", "prefix": "sha256=" } },
              "off": { "module": "log", "enabled": false },
              "gone": { "module": "log", "retired": true },
              "wait": { "module": "save_to_disk", "module-config": { "path": "wait" }, "ack": "delivered" } }
            """;

    @TempDir
    Path data;

    private TestInstance instance;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @BeforeEach
    void start() {
        instance = TestInstance.start(data, WEBHOOKS);
    }

    @AfterEach
    void stop() {
        instance.close();
    }

    @Test
    void answersWithReceiptAndIdentityAndDelivers() throws Exception {
        HttpResponse<String> answer = post("open", "{\"a\":1}");

        assertThat(answer.statusCode()).isEqualTo(202);
        assertThat(answer.headers().firstValue("X-Instance-ID")).contains(TestInstance.INSTANCE_ID);
        assertThat(answer.headers().firstValue("X-Config-Hash"))
                .contains(instance.configuration.get().hash());
        JsonNode body = TestInstance.json(answer.body());
        assertThat(body.path("message").asText()).isEqualTo("202 Accepted");
        assertThat(body.path("status").asText()).isEqualTo("accepted");
        assertThat(body.path("instance_id").asText()).isEqualTo(TestInstance.INSTANCE_ID);
        assertThat(body.path("receipt").asText())
                .startsWith("webhook-7:1:")
                .endsWith("015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862");
        String eventId = body.path("event_id").asText();
        assertThat(eventId).matches("[0-9A-Z]{26}").isEqualTo(body.path("id").asText());
        assertThat(Files.readString(eventually("open/" + eventId))).isEqualTo("{\"a\":1}");
    }

    @Test
    void aWebhookMayAnswer200() throws Exception {
        HttpResponse<String> answer = post("ok", "[]");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(TestInstance.json(answer.body()).path("message").asText()).isEqualTo("200 OK");
    }

    @Test
    void waitsForDeliveryWhereTheWebhookSaysSo() throws Exception {
        HttpResponse<String> answer = post("wait", "{}");

        assertThat(answer.statusCode()).isEqualTo(200);
        JsonNode body = TestInstance.json(answer.body());
        assertThat(body.path("status").asText()).isEqualTo("processed");
        assertThat(data.resolve("files/wait/" + body.path("event_id").asText())).exists();
    }

    @Test
    void fallsBackTo202WhenDeliveryTakesTooLong() throws Exception {
        instance.update("""
                { "slow": { "ack": { "mode": "delivered", "deadline_ms": 50 },
                  "module": "http_webhook", "module-config": { "url": "http://127.0.0.1:1/", "allow_private": true } } }
                """);

        HttpResponse<String> answer = post("slow", "{}");

        assertThat(answer.statusCode()).isEqualTo(202);
        assertThat(instance.outbox.pending()).isEqualTo(1);
    }

    @Test
    void unknownDisabledAndMalformedIdsAreNotFoundAndRetiredOnesGone() throws Exception {
        assertThat(post("nobody", "{}").statusCode()).isEqualTo(404);
        assertThat(post("off", "{}").statusCode()).isEqualTo(404);
        assertThat(post("open/x", "{}").statusCode()).isEqualTo(404);
        assertThat(post("%6Fpen", "{}").statusCode()).isEqualTo(404);
        assertThat(post("gone", "{}").statusCode()).isEqualTo(410);
        assertThat(instance.count("webhook_requests", "webhook", "unknown", "code", "404"))
                .isEqualTo(4);
    }

    @Test
    void anotherMethodIsRefusedWithTheAllowedOnes() throws Exception {
        HttpResponse<String> answer =
                client.send(HttpRequest.newBuilder(uri("open")).GET().build(), HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Allow")).contains("POST");
    }

    @Test
    void wrongCredentialsAreRefusedWithoutDetail() throws Exception {
        assertThat(post("guarded", "{}", "Authorization", "Bearer letmein").statusCode())
                .isEqualTo(202);

        HttpResponse<String> answer = post("guarded", "{}", "Authorization", "Bearer other");

        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(TestInstance.json(answer.body()).has("detail")).isFalse();
        assertThat(answer.headers().firstValue("WWW-Authenticate")).isPresent();
        assertThat(post("guarded", "{}").statusCode()).isEqualTo(401);
        assertThat(instance.count("webhook_auth_failures", "scheme", "bearer", "reason", "mismatch"))
                .isEqualTo(1);
    }

    @Test
    void signaturesCoverTheRawBody() throws Exception {
        assertThat(post("signed", "{\"a\":1}", "X-Hub-Signature-256", GITHUB_SIGNATURE)
                        .statusCode())
                .isEqualTo(202);
        assertThat(post("signed", "{\"a\": 1}", "X-Hub-Signature-256", GITHUB_SIGNATURE)
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void malformedJsonIsRefusedAndBlobsAreNot() throws Exception {
        for (String body : List.of("{\"invalid\": json}", "", "{", "{} {}", "nul", "[".repeat(51) + "]".repeat(51))) {
            HttpResponse<String> answer = post("open", body);
            assertThat(answer.statusCode()).as(body).isEqualTo(400);
            assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        }
        assertThat(post("bytes", "{\"invalid\": json}").statusCode()).isEqualTo(202);
        assertThat(post("open", "{}", "Content-Encoding", "gzip").statusCode()).isEqualTo(415);
        assertThat(instance.outbox.status().pendingByWebhook()).doesNotContainKey("open");
    }

    @Test
    void aBodyThatIsAnnouncedTooLongIsRefusedUnread() throws Exception {
        try (Raw raw = new Raw(instance.port())) {
            raw.send("POST /webhook/bytes HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n");

            assertThat(raw.readHead()).startsWith("http/1.1 413").contains("connection: close");
            raw.readToEnd();
        }
    }

    @Test
    void aBodyThatGrowsTooLongIsRefused() throws Exception {
        String chunk = "190\r\n" + "x".repeat(0x190) + "\r\n";
        try (Raw raw = new Raw(instance.port())) {
            raw.send("POST /webhook/bytes HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
            raw.send(chunk).send(chunk).send(chunk);

            assertThat(raw.readHead()).startsWith("http/1.1 413").contains("connection: close");
            raw.readToEnd();
        }
        assertThat(post("bytes", "x".repeat(1000)).statusCode()).isEqualTo(202);
    }

    @Test
    void asksForTheBodyOnlyWhenItWillTakeIt() throws Exception {
        try (Raw raw = new Raw(instance.port())) {
            raw.send("POST /webhook/bytes HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
            assertThat(raw.readHead()).startsWith("http/1.1 100");
            raw.send("{}");
            assertThat(raw.readHead()).startsWith("http/1.1 202");
        }
        try (Raw raw = new Raw(instance.port())) {
            raw.send("POST /webhook/guarded HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
            assertThat(raw.readHead()).startsWith("http/1.1 401");
        }
    }

    @Test
    void whileDrainingRequestsAreRefusedWithThePromiseThatNothingWasStored() throws Exception {
        Drain drain = new Drain(instance.gate, (delay, action) -> () -> {}, Clock.systemUTC());
        drain.start("operator", Duration.ZERO, PATIENCE);

        HttpResponse<String> answer = post("open", "{}");

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("Webhook-Not-Accepted")).contains("draining");
        assertThat(answer.headers().firstValue("Retry-After")).contains("1");
        drain.end("operator");
        assertThat(post("open", "{}").statusCode()).isEqualTo(202);
        await("no request in flight", () -> instance.gate.inFlight() == 0);
    }

    @Test
    void duringTheGraceOfADrainAnswersCloseTheConnection() throws Exception {
        Drain drain = new Drain(instance.gate, (delay, action) -> () -> {}, Clock.systemUTC());
        drain.start("operator", PATIENCE, PATIENCE);

        try (Raw raw = new Raw(instance.port())) {
            raw.send("POST /webhook/open HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}");

            assertThat(raw.readHead()).startsWith("http/1.1 202").contains("connection: close");
            raw.readToEnd();
        }
    }

    @Test
    void oneDeliveryIdIsOneEventAndCopiesGetTheFirstReceipt() throws Exception {
        List<Future<HttpResponse<String>>> copies;
        ExecutorService senders = Executors.newFixedThreadPool(4);
        try {
            copies = IntStream.range(0, 8)
                    .mapToObj(i -> senders.submit(() -> post("open", "{}", "X-GitHub-Delivery", "d-1")))
                    .toList();
        } finally {
            senders.shutdown();
        }
        int fresh = 0;
        for (Future<HttpResponse<String>> copy : copies) {
            HttpResponse<String> answer = copy.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            fresh += answer.headers().firstValue("Webhook-Duplicate").isPresent() ? 0 : 1;
            assertThat(TestInstance.json(answer.body()).path("receipt").asText())
                    .startsWith("webhook-7:1:");
        }
        assertThat(fresh).isEqualTo(1);
        HttpResponse<String> other = post("ok", "{}", "X-GitHub-Delivery", "d-1");
        assertThat(other.headers().firstValue("Webhook-Duplicate")).isEmpty();
    }

    @Test
    void theEventIdOfADeliveryIsTheSameOnEveryInstance(@TempDir Path elsewhere) throws Exception {
        try (TestInstance other = TestInstance.start(elsewhere, WEBHOOKS)) {
            HttpResponse<String> here = post("open", "{}", "webhook-id", "msg_1");
            HttpResponse<String> there = client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + other.port() + "/webhook/open"))
                            .header("webhook-id", "msg_1")
                            .POST(HttpRequest.BodyPublishers.ofString("{}"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());

            assertThat(there.headers().firstValue("Webhook-Duplicate")).isEmpty();
            assertThat(TestInstance.json(there.body()).path("event_id"))
                    .isEqualTo(TestInstance.json(here.body()).path("event_id"));
        }
    }

    @Test
    void anotherBodyUnderADeliveryIdThatNobodyVouchedForIsAnotherEvent() throws Exception {
        HttpResponse<String> first = post("open", "{\"a\":1}", "Idempotency-Key", "k");
        HttpResponse<String> other = post("open", "{\"a\":2}", "Idempotency-Key", "k");

        assertThat(other.headers().firstValue("Webhook-Duplicate")).isEmpty();
        assertThat(TestInstance.json(other.body()).path("event_id"))
                .isNotEqualTo(TestInstance.json(first.body()).path("event_id"));
        assertThat(post("open", "{\"a\":1}", "Idempotency-Key", "k").headers().firstValue("Webhook-Duplicate"))
                .isPresent();
    }

    @Test
    void anAnswerBeforeTheDiskKeepsItsPlaceUntilTheDiskHasTheEvent(@TempDir Path elsewhere) throws Exception {
        PausedOutbox paused = new PausedOutbox();
        try (TestInstance slow = new TestInstance(elsewhere, WEBHOOKS, settings(PATIENCE, 1000), paused.outbox())) {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + slow.port() + "/webhook/quick"));
            String body = "{\"a\":\"" + "x".repeat(700) + "\"}";
            HttpRequest large =
                    request.POST(HttpRequest.BodyPublishers.ofString(body)).build();

            assertThat(client.send(large, HttpResponse.BodyHandlers.ofString()).statusCode())
                    .isEqualTo(202);
            assertThat(client.send(large, HttpResponse.BodyHandlers.ofString()).statusCode())
                    .as("no memory for a second one")
                    .isEqualTo(503);
            await("one request in flight", () -> slow.gate.inFlight() == 1);
            paused.force();
            await("no request in flight", () -> slow.gate.inFlight() == 0);

            assertThat(client.send(large, HttpResponse.BodyHandlers.ofString()).statusCode())
                    .isEqualTo(202);
            paused.fail(OutboxException.Reason.UNKNOWN);
            await(
                    "the loss is counted",
                    () -> slow.count("webhook_lost", "webhook", "quick", "reason", "outcome-unknown") == 1);
            await("no request in flight", () -> slow.gate.inFlight() == 0);
        }
    }

    @ParameterizedTest
    @EnumSource(OutboxException.Reason.class)
    void anAnswerBeforeTheDiskIsNoAnswerAfterARefusal(OutboxException.Reason reason, @TempDir Path elsewhere)
            throws Exception {
        try (TestInstance failing =
                new TestInstance(elsewhere, WEBHOOKS, ReceiveSettings.defaults(), FailingOutbox.failing(reason))) {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + failing.port() + "/webhook/quick"))
                    .POST(HttpRequest.BodyPublishers.ofString("{}"))
                    .build();

            assertThat(client.send(request, HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(reason == OutboxException.Reason.TOO_LARGE ? 413 : 503);
        }
    }

    @Test
    void aFullOutboxRefusesWithThePromiseThatNothingWasStored() throws Exception {
        instance.outbox.close();

        HttpResponse<String> answer = post("open", "{}");

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("Webhook-Not-Accepted")).isPresent();
    }

    @ParameterizedTest
    @EnumSource(OutboxException.Reason.class)
    void promisesThatNothingWasStoredExactlyWhenThatIsCertain(OutboxException.Reason reason, @TempDir Path elsewhere)
            throws Exception {
        try (TestInstance failing =
                new TestInstance(elsewhere, WEBHOOKS, ReceiveSettings.defaults(), FailingOutbox.failing(reason))) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + failing.port() + "/webhook/open"))
                            .POST(HttpRequest.BodyPublishers.ofString("{}"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());

            int status = reason == OutboxException.Reason.TOO_LARGE ? 413 : 503;
            assertThat(answer.statusCode()).isEqualTo(status);
            assertThat(answer.headers().firstValue("Webhook-Not-Accepted").isPresent())
                    .isEqualTo(status == 503 && reason != OutboxException.Reason.UNKNOWN);
        }
    }

    @Test
    void aBodyThatComesTooSlowlyIsGivenUp(@TempDir Path elsewhere) throws Exception {
        try (TestInstance hasty = new TestInstance(elsewhere, WEBHOOKS, settings(Duration.ofMillis(100), 1000));
                Raw raw = new Raw(hasty.port())) {
            raw.send("POST /webhook/open HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{");

            assertThat(raw.readHead()).startsWith("http/1.1 408").contains("connection: close");
            raw.readToEnd();
            await("no request in flight", () -> hasty.gate.inFlight() == 0);
        }
    }

    @Test
    void bodiesInMemoryAreBoundedAndTheirSpaceComesBack(@TempDir Path elsewhere) throws Exception {
        try (TestInstance small = new TestInstance(elsewhere, WEBHOOKS, settings(PATIENCE, 1000));
                Raw holder = new Raw(small.port())) {
            holder.send("POST /webhook/open HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n[");
            await("the first request in flight", () -> small.gate.inFlight() == 1);

            try (Raw second = new Raw(small.port())) {
                second.send("POST /webhook/open HTTP/1.1\r\nHost: a\r\nContent-Length: 200\r\n\r\n");
                assertThat(second.readHead()).startsWith("http/1.1 503").contains("webhook-not-accepted: busy");
            }
            holder.hangUp();
            await("no request in flight", () -> small.gate.inFlight() == 0);
            try (Raw third = new Raw(small.port())) {
                third.send("POST /webhook/open HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n\"" + "x".repeat(898)
                        + "\"");
                assertThat(third.readHead()).startsWith("http/1.1 202");
            }
        }
    }

    private static ReceiveSettings settings(Duration bodyTimeout, long inFlightBytes) {
        return new ReceiveSettings(1000, bodyTimeout, inFlightBytes, Duration.ofHours(1), Duration.ofSeconds(1));
    }

    @Test
    void sendsOnByHttpAndTriesAgainWithTheSameId() throws Exception {
        BlockingQueue<Map.Entry<String, String>> arrivals = new LinkedBlockingQueue<>();
        AtomicInteger calls = new AtomicInteger();
        HttpServer target = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        target.createContext("/in", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            arrivals.add(Map.entry(exchange.getRequestHeaders().getFirst("webhook-id"), body));
            exchange.sendResponseHeaders(calls.incrementAndGet() < 3 ? 500 : 204, -1);
            exchange.close();
        });
        target.start();
        try {
            instance.update(http(target, "/in", "\"retry\": { \"initial_delay\": 0.01, \"max_delay\": 0.05 }"));

            String eventId = TestInstance.json(post("out", "{\"n\":1}").body())
                    .path("event_id")
                    .asText();

            for (int i = 0; i < 3; i++) {
                assertThat(arrivals.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .isEqualTo(Map.entry(eventId, "{\"n\":1}"));
            }
            awaitPending(0);
        } finally {
            target.stop(0);
        }
    }

    @Test
    void whatATargetRefusesForGoodIsADeadLetterThatCanBeReplayedAndDropped() throws Exception {
        AtomicBoolean accepting = new AtomicBoolean();
        HttpServer target = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        target.createContext("/in", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(accepting.get() ? 200 : 422, -1);
            exchange.close();
        });
        target.start();
        try {
            instance.update(http(target, "/in", "\"retry\": { \"max_attempts\": 2 }"));
            post("out", "{\"n\":1}");
            post("out", "{\"n\":2}");
            awaitPending(0);

            JsonNode letters = deadLetters("?webhook=out");
            assertThat(letters).hasSize(2);
            assertThat(letters.get(0).path("reason").asText()).isEqualTo("permanent: status 422");
            assertThat(deadLetters("?webhook=other")).isEmpty();
            accepting.set(true);
            String first = letters.get(0).path("id").asText();
            String second = letters.get(1).path("id").asText();
            assertThat(admin("POST", "/" + first + "/replay").statusCode()).isEqualTo(202);
            assertThat(admin("DELETE", "/" + second).statusCode()).isEqualTo(204);
            assertThat(admin("DELETE", "/" + second).statusCode()).isEqualTo(404);
            awaitPending(0);
            assertThat(deadLetters("")).isEmpty();
            assertThat(instance.count("delivery_attempts", "result", "delivered"))
                    .isEqualTo(1);
        } finally {
            target.stop(0);
        }
    }

    @Test
    void whatWaitsForAStepThatIsGoneIsParked() throws Exception {
        instance.update(
                "{ \"out\": { \"module\": \"http_webhook\", \"module-config\": { \"url\": \"http://127.0.0.1:1/\", \"allow_private\": true },"
                        + " \"retry\": { \"initial_delay\": 0.2, \"max_delay\": 0.2 } } }");
        post("out", "{}");

        instance.update("{ \"other\": { \"module\": \"log\" } }");
        awaitPending(0);

        assertThat(deadLetters("").get(0).path("reason").asText()).startsWith("parked");
    }

    private static String http(HttpServer target, String path, String more) {
        return "{ \"out\": { \"module\": \"http_webhook\", \"module-config\": { \"url\": \"http://127.0.0.1:"
                + target.getAddress().getPort() + path + "\", \"allow_private\": true }, " + more + " } }";
    }

    private HttpResponse<String> post(String id, String body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(id)).POST(HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private URI uri(String id) {
        return URI.create("http://127.0.0.1:" + instance.port() + "/webhook/" + id);
    }

    private JsonNode deadLetters(String query) throws Exception {
        return TestInstance.json(admin("GET", query).body()).path("dead_letters");
    }

    private HttpResponse<String> admin(String method, String rest) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + instance.port() + "/admin/dead-letters" + rest);
        return client.send(
                HttpRequest.newBuilder(uri)
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private Path eventually(String file) throws IOException {
        Path path = data.resolve("files").resolve(file);
        await("file " + file, () -> Files.exists(path));
        return path;
    }

    private void awaitPending(int count) {
        await(count + " pending", () -> instance.outbox.pending() == count);
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(what + ": not within " + PATIENCE);
            }
            Thread.onSpinWait();
        }
    }
}
