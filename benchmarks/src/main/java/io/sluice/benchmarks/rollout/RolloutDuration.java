package io.sluice.benchmarks.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Rolls configurations over a running fleet, first an idle one, then one with slow requests on every instance, and prints how long it took
 * as its client saw it. A slow request lacks the last byte of its body; it is sent a known time after the engine told that it waits for the
 * instance. Arguments: traffic port, port of the proxy's admin API, port of the engine, file with the token, rounds on the idle fleet, rounds
 * with slow requests. {@code benchmarks/rollout-duration} starts a fleet for it; it runs from this one file.
 */
public final class RolloutDuration {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The proofs of one walk in their order, by what the evidence calls them. */
    private static final List<String> STEPS = List.of(
            "precheck",
            "hold",
            "latch",
            "instanceDrain",
            "apply",
            "verify",
            "undrain",
            "health",
            "release",
            "inService");

    private static final int SLOW_PER_INSTANCE = 2;

    /** How long an instance is waited for until its slow requests end, and by how much the second ends after the first. */
    private static final Duration HOLD = Duration.ofSeconds(1);

    private static final Duration APART = Duration.ofMillis(100);

    private final int trafficPort;
    private final String proxy;
    private final String engine;
    private final String token;
    private final PrintStream out;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private int documents;

    private RolloutDuration(int trafficPort, int proxyPort, int enginePort, String token, PrintStream out) {
        this.trafficPort = trafficPort;
        this.proxy = "http://127.0.0.1:" + proxyPort;
        this.engine = "http://127.0.0.1:" + enginePort;
        this.token = token;
        this.out = out;
    }

    public static void main(String[] arguments) throws Exception {
        RolloutDuration benchmark = new RolloutDuration(
                Integer.parseInt(arguments[0]),
                Integer.parseInt(arguments[1]),
                Integer.parseInt(arguments[2]),
                Files.readString(Path.of(arguments[3])).strip(),
                new PrintStream(System.out, true, StandardCharsets.UTF_8));
        benchmark.idle(Integer.parseInt(arguments[4]));
        benchmark.slow(Integer.parseInt(arguments[5]));
    }

    private void idle(int rounds) throws IOException, InterruptedException {
        get(engine + "/v1/rollouts"); // this client's own first call, and its classes
        List<Double> warm = new ArrayList<>();
        Map<String, List<Double>> phases = new LinkedHashMap<>();
        for (int round = 0; round <= rounds; round++) {
            Run run = run(event -> {});
            String name = round == 0 ? "cold" : "warm";
            Map<String, Double> parts = parts(run.id());
            out.printf(Locale.ROOT, "idle %s: %.0f ms (%s)%n", name, run.millis(), text(parts));
            if (round > 0) {
                warm.add(run.millis());
                parts.forEach((part, millis) ->
                        phases.computeIfAbsent(part, none -> new ArrayList<>()).add(millis));
            }
        }
        if (rounds > 0) {
            out.println("MEDIAN idle warm: " + summary(warm));
        }
        phases.forEach((part, each) -> out.println("  " + part + ": " + summary(each)));
    }

    private void slow(int rounds) throws IOException, InterruptedException {
        List<Double> latched = new ArrayList<>();
        List<Double> done = new ArrayList<>();
        List<Double> over = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            Map<String, List<SlowRequest>> slow = openSlowRequests();
            Map<String, Long> latchedAt = new ConcurrentHashMap<>();
            Map<String, Long> doneAt = new ConcurrentHashMap<>();
            Run run = run(event -> {
                long now = System.nanoTime();
                for (JsonNode instance : event.path("instances")) {
                    String id = instance.path("id").asText();
                    if (instance.path("doing").asText().equals("LATCHED")) {
                        endLater(slow.getOrDefault(id, List.of()));
                    } else if (instance.path("step").asText().equals("LATCHED")) {
                        latchedAt.putIfAbsent(id, now);
                    } else if (instance.path("step").asText().equals("DONE")) {
                        doneAt.put(id, now);
                    }
                }
            });
            long last = Long.MIN_VALUE;
            for (Map.Entry<String, List<SlowRequest>> each : slow.entrySet()) {
                long ended = Long.MIN_VALUE;
                for (SlowRequest request : each.getValue()) {
                    ended = Math.max(ended, request.awaitEnd());
                }
                last = Math.max(last, ended);
                double toLatched = millis(latchedAt.getOrDefault(each.getKey(), ended) - ended);
                double toDone = millis(doneAt.getOrDefault(each.getKey(), ended) - ended);
                latched.add(toLatched);
                done.add(toDone);
                out.printf(
                        Locale.ROOT,
                        "slow round %d, %s: drained %.1f ms after its last request, done after %.1f ms%n",
                        round,
                        each.getKey(),
                        toLatched,
                        toDone);
            }
            over.add(millis(run.endNanos() - last));
        }
        if (rounds > 0) {
            out.println("MEDIAN last slow request to drained: " + summary(latched));
            out.println("MEDIAN last slow request to instance done: " + summary(done));
            out.println("MEDIAN last slow request of all to rollout over: " + summary(over));
        }
    }

    // Rollouts.

    private record Run(String id, double millis, long endNanos) {}

    /** Submits a new document and follows the events to the end, which must be a success. */
    private Run run(Consumer<JsonNode> listener) throws IOException, InterruptedException {
        String body = "{\"type\":\"webhooks\",\"config\":{\"test_webhook\":{\"description\":\"document " + ++documents
                + " of " + Instant.now() + "\",\"module\":\"log\",\"auth\":\"none\"}},\"reason\":\"benchmark\"}";
        long start = System.nanoTime();
        HttpResponse<String> answer = http.send(
                request(engine + "/v1/rollouts")
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
        if (answer.statusCode() != 202) {
            throw new IllegalStateException("not accepted: " + answer.body());
        }
        String id = JSON.readTree(answer.body()).path("id").asText();
        HttpResponse<Stream<String>> events =
                http.send(request(engine + "/v1/rollouts/" + id + "/events").build(), BodyHandlers.ofLines());
        try (Stream<String> lines = events.body()) {
            JsonNode last = lines.filter(line -> line.startsWith("data:"))
                    .map(line -> parsed(line.substring("data:".length())))
                    .peek(listener)
                    .filter(event -> event.path("finished").asBoolean())
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("the events of " + id + " ended early"));
            long end = System.nanoTime();
            if (!last.path("phase").asText().equals("SUCCEEDED")) {
                throw new IllegalStateException(id + " ended as " + last);
            }
            return new Run(id, millis(end - start), end);
        }
    }

    /** Where the time went, in milliseconds by the engine's clock: before the first instance, each step over all instances, after the last. */
    private Map<String, Double> parts(String id) throws IOException, InterruptedException {
        JsonNode rollout = get(engine + "/v1/rollouts/" + id);
        Map<String, Double> parts = new LinkedHashMap<>();
        Instant before = at(rollout, "createdAt");
        for (JsonNode instance :
                get(engine + "/v1/rollouts/" + id + "/evidence").path("instances")) {
            JsonNode walk = instance.path("walks").path(0);
            Instant started = at(walk, "startedAt");
            add(parts, parts.isEmpty() ? "pre-flight" : "between instances", before, started);
            before = started;
            for (String step : STEPS) {
                Instant reached = at(walk.path(step), "at");
                add(parts, step, before, reached);
                before = reached;
            }
        }
        add(parts, "conclusion", before, at(rollout, "finishedAt"));
        return parts;
    }

    private static void add(Map<String, Double> parts, String name, Instant from, Instant to) {
        parts.merge(name, Duration.between(from, to).toNanos() / 1e6, Double::sum);
    }

    private static Instant at(JsonNode node, String member) {
        return Instant.parse(node.path(member).asText());
    }

    // Slow requests.

    /** As many on each instance, found out by looking at the pool after each. */
    private Map<String, List<SlowRequest>> openSlowRequests() throws IOException, InterruptedException {
        Map<String, List<SlowRequest>> slow = new LinkedHashMap<>();
        Map<String, Integer> before = inFlight();
        for (int i = 0; i < SLOW_PER_INSTANCE * before.size(); i++) {
            SlowRequest request = new SlowRequest();
            Map<String, Integer> now = inFlight();
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (now.equals(before)) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("a slow request did not get to an instance");
                }
                now = inFlight();
            }
            for (Map.Entry<String, Integer> backend : now.entrySet()) {
                if (backend.getValue() > before.getOrDefault(backend.getKey(), 0)) {
                    slow.computeIfAbsent(backend.getKey(), none -> new ArrayList<>())
                            .add(request);
                }
            }
            before = now;
        }
        return slow;
    }

    private Map<String, Integer> inFlight() throws IOException, InterruptedException {
        Map<String, Integer> counts = new HashMap<>();
        for (JsonNode backend : get(proxy + "/v1/pools/webhooks").path("backends")) {
            counts.put(backend.path("id").asText(), backend.path("inFlight").asInt());
        }
        return counts;
    }

    private void endLater(List<SlowRequest> requests) {
        Duration after = HOLD;
        for (SlowRequest request : requests) {
            CompletableFuture.delayedExecutor(after.toMillis(), TimeUnit.MILLISECONDS)
                    .execute(request::finish);
            after = after.plus(APART);
        }
    }

    /** One POST through the proxy whose last byte is kept back; of unknown length, since a short one of known length is gathered by the proxy. */
    private final class SlowRequest {
        private final Socket socket;
        private final CountDownLatch over = new CountDownLatch(1);
        private volatile long endNanos;

        SlowRequest() throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), trafficPort);
            socket.setTcpNoDelay(true);
            String head = String.join(
                    "\r\n",
                    "POST /webhook/test_webhook HTTP/1.1",
                    "Host: localhost",
                    "Content-Type: application/json",
                    "Connection: close",
                    "Transfer-Encoding: chunked");
            write(head + "\r\n\r\n1\r\n{\r\n");
        }

        private void write(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        }

        /** Sends what is missing, and notes when the whole answer was there. */
        void finish() {
            try (socket) {
                write("1\r\n}\r\n0\r\n\r\n");
                InputStream in = socket.getInputStream();
                String answer = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                endNanos = System.nanoTime();
                if (!answer.startsWith("HTTP/1.1 2")) {
                    throw new IllegalStateException("a slow request was answered " + answer);
                }
                over.countDown();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        long awaitEnd() throws InterruptedException {
            if (!over.await(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("a slow request had no good answer");
            }
            return endNanos;
        }
    }

    // The client.

    private JsonNode get(String url) throws IOException, InterruptedException {
        return parsed(http.send(request(url).build(), BodyHandlers.ofString()).body());
    }

    private HttpRequest.Builder request(String url) {
        return HttpRequest.newBuilder(URI.create(url))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json");
    }

    private static JsonNode parsed(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // Figures.

    private static double millis(long nanos) {
        return nanos / 1e6;
    }

    private static String text(Map<String, Double> parts) {
        StringBuilder text = new StringBuilder();
        parts.forEach((part, millis) -> text.append(text.length() == 0 ? "" : ", ")
                .append(String.format(Locale.ROOT, "%s %.0f", part, millis)));
        return text.toString();
    }

    private static String summary(List<Double> millis) {
        List<Double> sorted = millis.stream().sorted().toList();
        int n = sorted.size();
        double median = n % 2 == 1 ? sorted.get(n / 2) : (sorted.get(n / 2 - 1) + sorted.get(n / 2)) / 2;
        return String.format(Locale.ROOT, "%.1f ms (%.1f to %.1f, n=%d)", median, sorted.get(0), sorted.get(n - 1), n);
    }
}
