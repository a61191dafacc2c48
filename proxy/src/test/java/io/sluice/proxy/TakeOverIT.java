package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.proxy.balance.BalanceSettings;
import io.sluice.proxy.discovery.AddressFamily;
import io.sluice.proxy.discovery.DiscoverySettings;
import io.sluice.proxy.discovery.TestNameServer;
import io.sluice.proxy.listener.PassedSockets;
import io.sluice.proxy.listener.Waiting;
import io.sluice.proxy.observe.AccessLogSettings;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.proxy.pool.PoolSnapshot;
import io.sluice.proxy.registration.RegistrationSettings;
import io.sluice.proxy.route.RouteSettings;
import io.sluice.service.admin.AdminSettings;
import io.sluice.service.lifecycle.StartException;
import io.sluice.service.log.LogSettings;
import io.sluice.service.settings.InvalidSettingsException;
import io.sluice.service.settings.Secret;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Proxies that take each other's place, in one process here; what a process of its own adds is in the system tests. */
class TakeOverIT {
    private static final String POOL = "/v1/pools/webhooks";
    private static final int TAKE_OVERS = 4;

    /** With what is put behind it, longer ones would not fit into the address of a Unix domain socket. */
    private static final int LONGEST_FOLDER = 70;

    @TempDir
    private Path data;

    private final Vertx clients = Vertx.vertx();
    private final WebClient client = WebClient.create(clients);
    private final List<HttpServer> instances = new ArrayList<>();
    private final List<Vertx> processes = new ArrayList<>();
    private final List<HttpServerRequest> slow = new CopyOnWriteArrayList<>();
    private final int trafficPort = freePort();
    private final int adminPort = freePort();
    private final int registrationPort = freePort();

    /** A proxy, and when it has finished after it was replaced. */
    private record Running(ProxyProgram proxy, Future<Void> replaced) {}

    @BeforeEach
    void startInstances() {
        Vertx epoll = process(true);
        assumeTrue(PassedSockets.arePossible(epoll), "needs the epoll transport");
        assumeTrue(data.toString().length() <= LONGEST_FOLDER, "needs a folder with a shorter name");
        for (int i = 1; i <= 3; i++) {
            String name = "w" + i;
            HttpServer instance = clients.createHttpServer().requestHandler(request -> {
                request.response().putHeader("X-Instance-ID", name);
                if (request.path().equals("/webhook/slow")) {
                    slow.add(request);
                } else {
                    request.response().end(name);
                }
            });
            instances.add(Waiting.on(instance.listen(0, "127.0.0.1")));
        }
    }

    @AfterEach
    void stop() {
        processes.forEach(each -> Waiting.on(each.close()));
        Waiting.on(clients.close());
    }

    /** Below those that connections of clients get: one of these could have it while it moves from one proxy to the next. */
    private static int freePort() {
        SplittableRandom random = new SplittableRandom();
        for (int i = 0; i < 1_000; i++) {
            try (ServerSocket socket =
                    new ServerSocket(random.nextInt(15_000, 32_000), 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException taken) {
                // Then another one.
            }
        }
        throw new AssertionError("no port is free");
    }

    private Vertx process(boolean nativeTransport) {
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2).setPreferNativeTransport(nativeTransport));
        processes.add(vertx);
        return vertx;
    }

    /** A pool with one instance that has registered and one that a name stands for. */
    private static ConfiguredPool dynamic(TestNameServer names) {
        DiscoverySettings discovery = new DiscoverySettings(
                "app.internal.",
                0,
                DiscoverySettings.RecordKind.SRV,
                AddressFamily.IPV4,
                List.of(names.socketAddress()),
                Duration.ofMillis(100),
                Duration.ofMillis(100),
                Duration.ofSeconds(20),
                1,
                100,
                10,
                1,
                null);
        RegistrationSettings registration = new RegistrationSettings(
                Secret.of("let-me-in"), List.of("127.0.0.1/32"), Duration.ofMinutes(1), 10, 50);
        PoolSettings pool = new PoolSettings("dynamic", List.of(), 1, Duration.ofSeconds(30), true, true);
        return new ConfiguredPool(
                pool,
                TestSettings.health("path: /admin/health"),
                BalanceSettings.DEFAULT,
                null,
                null,
                null,
                false,
                discovery,
                registration);
    }

    private ProxySettings settings(int weightOfFirst) {
        return settings(weightOfFirst, List.of());
    }

    private ProxySettings settings(int weightOfFirst, List<ConfiguredPool> more) {
        List<BackendSettings> backends = new ArrayList<>();
        for (int i = 1; i <= 2; i++) {
            int port = instances.get(i - 1).actualPort();
            backends.add(new BackendSettings("w" + i, "127.0.0.1:" + port, null, i == 1 ? weightOfFirst : 1));
        }
        PoolSettings pool = new PoolSettings("webhooks", backends, null, Duration.ofSeconds(30), true, true);
        List<ConfiguredPool> pools = new ArrayList<>(more);
        pools.add(new ConfiguredPool(pool, TestSettings.health("path: /admin/health")));
        List<RouteSettings> routes = new ArrayList<>();
        routes.add(TestSettings.route(
                "name: webhook", "path: /webhook/", "pool: webhooks", "head-timeout: 60s", "timeout: 60s"));
        for (ConfiguredPool each : more) {
            String name = each.pool().name();
            routes.add(TestSettings.route("name: " + name, "path: /" + name + "/", "pool: " + name));
        }
        return new ProxySettings(
                TestSettings.listener("port: " + trafficPort),
                AdminSettings.loopback(adminPort, Secret.of("token")),
                AdminSettings.loopback(registrationPort, null),
                pools,
                routes,
                AccessLogSettings.off(),
                data,
                LogSettings.DEFAULTS,
                null);
    }

    private Future<Running> start(ProxySettings settings, boolean nativeTransport) {
        Promise<Void> replaced = Promise.promise();
        ProxyProgram proxy = new ProxyProgram(
                process(nativeTransport),
                process(nativeTransport),
                settings,
                null,
                new Succession(true, replaced::tryComplete),
                Clock.systemUTC(),
                System::nanoTime);
        return proxy.start().map(started -> new Running(proxy, replaced.future()));
    }

    private Running start() {
        return Waiting.on(start(settings(1), true));
    }

    private static void end(Running replaced) {
        Waiting.on(replaced.replaced());
        Waiting.on(replaced.proxy().stop());
    }

    private HttpResponse<Buffer> admin(HttpMethod method, String path, JsonObject body) {
        var request = client.request(method, adminPort, "127.0.0.1", path)
                .bearerTokenAuthentication("token")
                .putHeader("If-Match", "*");
        return Waiting.on(body.isEmpty() ? request.send() : request.sendJsonObject(body));
    }

    private String traffic() {
        return Waiting.on(client.get(trafficPort, "127.0.0.1", "/webhook/x").send())
                .bodyAsString();
    }

    @Test
    void takeOversInARowFailNoRequest() throws Exception {
        Running running = start();
        List<Running> replaced = new ArrayList<>();
        try (SteadyClients load = new SteadyClients(trafficPort, "/webhook/x")) {
            for (int i = 0; i < TAKE_OVERS; i++) {
                load.awaitMore(50);
                replaced.add(running);
                running = start();
            }
            load.awaitMore(50);
            replaced.forEach(TakeOverIT::end);
            load.awaitMore(50);
            assertThat(load.stop()).as("failures of requests").isEmpty();
        }
        Waiting.on(running.proxy().stop());
    }

    @Test
    void backendsThatCameByThemselvesStayAsTheyAre() throws Exception {
        try (TestNameServer names = new TestNameServer(false)) {
            names.addresses("localhost.", 0, "127.0.0.1");
            names.services("app.internal.", 0, List.of("1 1 " + instances.get(0).actualPort() + " localhost."));
            ProxySettings settings = settings(1, List.of(dynamic(names)));
            Running old = Waiting.on(start(settings, true));
            assertThat(heartbeat()).isEqualTo(201);
            Waiting.until("both are in service", () -> eligible(old) == 2);
            long revision = dynamic(old).revision();
            try (SteadyClients load = SteadyClients.pausing(trafficPort, "/dynamic/x")) {
                load.awaitMore(50);
                Running now = Waiting.on(start(settings, true));
                assertThat(eligible(now)).isEqualTo(2);
                assertThat(heartbeat()).as("renewed").isEqualTo(200);
                load.awaitMore(50);
                assertThat(dynamic(now).revision()).isEqualTo(revision);

                names.services(
                        "app.internal.",
                        0,
                        List.of(
                                "1 1 " + instances.get(0).actualPort() + " localhost.",
                                "1 1 " + instances.get(2).actualPort() + " localhost."));
                Waiting.until("the new process has taken another one in", () -> eligible(now) == 3);
                Waiting.until("the old one has followed", () -> dynamic(old).revision() == revision + 1);
                load.awaitMore(50);
                assertThat(load.stop()).as("failures of requests").isEmpty();
                end(old);
                assertThat(dynamic(now).revision()).isEqualTo(revision + 1);
                Waiting.on(now.proxy().stop());
            }
        }
    }

    private static PoolSnapshot dynamic(Running running) {
        return running.proxy().pools().pool("dynamic").orElseThrow().snapshot();
    }

    private static long eligible(Running running) {
        return dynamic(running).backends().stream().filter(Backend::isEligible).count();
    }

    private int heartbeat() {
        JsonObject body = new JsonObject().put("port", instances.get(1).actualPort());
        return Waiting.on(client.put(registrationPort, "127.0.0.1", "/v1/pools/dynamic/registrations/r1")
                        .bearerTokenAuthentication("let-me-in")
                        .sendJsonObject(body))
                .statusCode();
    }

    @Test
    void aDrainIsOverWhenTheOldProcessHasFinishedToo() {
        Running old = start();
        Future<HttpResponse<Buffer>> request =
                client.get(trafficPort, "127.0.0.1", "/webhook/slow").send();
        Waiting.until("an instance has the request", () -> !slow.isEmpty());
        String busy = slow.get(0).response().headers().get("X-Instance-ID");
        Running now = start();

        HttpResponse<Buffer> held =
                admin(HttpMethod.PUT, POOL + "/backends/" + busy + "/holds/h", new JsonObject().put("reason", "test"));
        assertThat(held.bodyAsJsonObject().getString("state")).isEqualTo("draining");
        String operation = "/v1/operations/" + held.bodyAsJsonObject().getString("id");
        Waiting.until(
                "the new process knows what runs in the old one",
                () -> admin(HttpMethod.GET, operation, new JsonObject())
                                .bodyAsJsonObject()
                                .getLong("inFlight")
                        == 1);
        assertThat(old.replaced().isComplete()).isFalse();

        slow.forEach(each -> each.response().end("late"));
        assertThat(Waiting.on(request).bodyAsString()).isEqualTo("late");
        assertThat(Waiting.on(request).getHeader("Connection")).isEqualTo("close");
        HttpResponse<Buffer> ended = admin(HttpMethod.GET, operation + "?wait=15s", new JsonObject());
        assertThat(ended.bodyAsJsonObject().getString("state")).isEqualTo("drained");
        end(old);
        Waiting.on(now.proxy().stop());
    }

    @Test
    void aDrainThatTheOldProcessStartedGoesOn() {
        Running old = start();
        Future<HttpResponse<Buffer>> request =
                client.get(trafficPort, "127.0.0.1", "/webhook/slow").send();
        Waiting.until("an instance has the request", () -> !slow.isEmpty());
        String busy = slow.get(0).response().headers().get("X-Instance-ID");
        HttpResponse<Buffer> held =
                admin(HttpMethod.PUT, POOL + "/backends/" + busy + "/holds/h", new JsonObject().put("reason", "test"));
        String operation = "/v1/operations/" + held.bodyAsJsonObject().getString("id");

        Running now = start();
        assertThat(admin(HttpMethod.GET, operation, new JsonObject())
                        .bodyAsJsonObject()
                        .getString("state"))
                .isEqualTo("draining");
        slow.forEach(each -> each.response().end("late"));
        assertThat(Waiting.on(request).bodyAsString()).isEqualTo("late");
        HttpResponse<Buffer> ended = admin(HttpMethod.GET, operation + "?wait=15s", new JsonObject());
        assertThat(ended.bodyAsJsonObject().getString("state")).isEqualTo("drained");
        end(old);
        Waiting.on(now.proxy().stop());
    }

    @Test
    void theOldProcessFollowsChangesWhileItFinishes() throws Exception {
        Running old = start();
        try (SteadyClients kept = SteadyClients.idle(trafficPort, "/webhook/x")) {
            Running now = start();
            admin(HttpMethod.PUT, POOL + "/backends/w1/holds/h", new JsonObject().put("reason", "test"));
            Waiting.until(
                    "the old process has followed",
                    () -> old.proxy().pools().pool("webhooks").orElseThrow().snapshot().backends().stream()
                            .anyMatch(backend -> backend.isClosed()));
            assertThat(kept.once()).as("over the connection to the old process").contains("w2");
            end(old);
            Waiting.on(now.proxy().stop());
        }
    }

    @Test
    void aKeptConnectionToTheOldProcessIsGoodForOneRequest() throws Exception {
        Running old = start();
        try (SteadyClients kept = SteadyClients.idle(trafficPort, "/webhook/x")) {
            assertThat(kept.mayAskAgain()).isTrue();

            Running now = start();
            assertThat(kept.once()).contains("w");
            assertThat(kept.mayAskAgain()).isFalse();
            end(old);
            Waiting.on(now.proxy().stop());
        }
    }

    @Test
    void aProcessWhoseFileCannotBeTakenInLeavesTheOldOneAsItWas() {
        Running old = start();
        JsonObject heavier = new JsonObject()
                .put("address", "127.0.0.1:" + instances.get(0).actualPort())
                .put("weight", 7);
        assertThat(admin(HttpMethod.PUT, POOL + "/backends/w1", heavier).statusCode())
                .isEqualTo(200);

        ExecutionException refused = catchThrowableOfType(
                ExecutionException.class,
                () -> start(settings(3), true)
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get());
        assertThat(refused.getCause()).isInstanceOf(InvalidSettingsException.class);
        awaitGoesOn(old);
        end(replacing(old, settings(7)));
    }

    @Test
    void aProcessThatCannotHaveItsAdminPortLeavesTheOldOneAsItWas() {
        Running old = start();
        ProxySettings taken = settings(1);
        taken = taken.withAdmin(taken.admin().withPort(instances.get(0).actualPort()));
        ProxySettings unusable = taken;
        ExecutionException refused = catchThrowableOfType(
                ExecutionException.class,
                () -> start(unusable, true)
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get());
        assertThat(refused.getCause()).isInstanceOf(StartException.class).hasMessageContaining("admin.port");
        awaitGoesOn(old);
        end(replacing(old, settings(1)));
    }

    @Test
    void withoutItsTransportAProcessDoesNotTryAndTheOldOneGoesOn() {
        Running old = start();
        ExecutionException refused = catchThrowableOfType(
                ExecutionException.class,
                () -> start(settings(1), false)
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get());
        assertThat(refused.getCause()).isInstanceOf(StartException.class).hasMessageContaining("epoll");
        awaitGoesOn(old);
        Waiting.on(old.proxy().stop());
    }

    /** Traffic never stopped; changes are taken again, once what the other process let go of is back. */
    private void awaitGoesOn(Running old) {
        assertThat(traffic()).startsWith("w");
        Waiting.until("changes are taken again", this::takesChanges);
        assertThat(old.replaced().isComplete()).isFalse();
        assertThat(traffic()).startsWith("w");
    }

    private boolean takesChanges() {
        Future<Integer> status = client.put(adminPort, "127.0.0.1", POOL + "/backends/w2/holds/h")
                .bearerTokenAuthentication("token")
                .sendJsonObject(new JsonObject().put("reason", "test"))
                .compose(held -> client.delete(adminPort, "127.0.0.1", POOL + "/backends/w2/holds/h")
                        .bearerTokenAuthentication("token")
                        .send())
                .map(HttpResponse::statusCode)
                .otherwise(0);
        return Waiting.on(status) == 200;
    }

    private Running replacing(Running old, ProxySettings settings) {
        Running now = Waiting.on(start(settings, true));
        assertThat(traffic()).startsWith("w");
        Waiting.on(old.replaced());
        Waiting.on(now.proxy().stop());
        return old;
    }
}
