package io.sluice.rollout.api;

import io.sluice.rollout.catchup.CatchUp;
import io.sluice.rollout.catchup.CatchUpSettings;
import io.sluice.rollout.driver.Examiner;
import io.sluice.rollout.fake.Await;
import io.sluice.rollout.fake.FakeEngine;
import io.sluice.rollout.fake.FakeInstance;
import io.sluice.rollout.fake.FakeProxy;
import io.sluice.rollout.instance.InstanceClient;
import io.sluice.rollout.remote.RemoteAnswer;
import io.sluice.rollout.remote.RemoteCall;
import io.sluice.rollout.remote.RemoteEndpoint;
import io.sluice.rollout.traffic.ProxyClient;
import io.sluice.service.admin.AdminServer;
import io.sluice.service.admin.AdminSettings;
import io.sluice.service.metrics.Metrics;
import io.sluice.service.settings.Secret;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/** The API over real sockets, on an engine that the test moves, with two instances behind a proxy. */
final class ApiFixture {
    static final String TOKEN = "rollout-token";
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    final Vertx vertx = Vertx.vertx();
    final FakeInstance first = new FakeInstance(vertx, "webhook-1");
    final FakeInstance second = new FakeInstance(vertx, "webhook-2");
    final FakeProxy proxy = new FakeProxy(vertx, List.of(first, second));
    final FakeEngine engine = new FakeEngine();
    private final HttpClient http = vertx.createHttpClient();
    private final Metrics metrics = new Metrics();
    private final AdminServer server =
            new AdminServer(vertx, AdminSettings.loopback(0, Secret.of(TOKEN)), metrics, Optional::empty);
    private final Clock clock = Clock.fixed(FakeEngine.NOW, ZoneOffset.UTC);

    ApiFixture start() {
        Await.value(first.start());
        Await.value(second.start());
        Await.value(proxy.start());
        InstanceClient instances = new InstanceClient(http, Optional.empty(), TIMEOUT, engine::epoch);
        ProxyClient client =
                new ProxyClient(new RemoteEndpoint(http, proxy.url(), Optional.empty(), TIMEOUT), "test", TIMEOUT);
        CatchUp catchUp =
                new CatchUp(vertx, client, instances, engine, CatchUpSettings.defaults(), clock, succeeded -> {});
        new RolloutApi(
                        vertx,
                        server,
                        new RolloutApi.Parts(
                                engine, client, new Examiner(instances), catchUp, RolloutDefaults.STANDARD),
                        clock)
                .start();
        Await.value(server.start());
        return this;
    }

    void stop() {
        Await.value(vertx.close());
        metrics.close();
    }

    int port() {
        return server.port();
    }

    HttpClient http() {
        return http;
    }

    RemoteAnswer get(String path) {
        return call(RemoteCall.get(path, TIMEOUT));
    }

    RemoteAnswer post(String path, Object body) {
        return call(RemoteCall.of(HttpMethod.POST, path, body, TIMEOUT));
    }

    RemoteAnswer call(RemoteCall call) {
        return Await.value(endpoint().call(call));
    }

    RemoteEndpoint endpoint() {
        return new RemoteEndpoint(
                http, "http://127.0.0.1:" + port(), Optional.of(Secret.of(TOKEN)), Duration.ofSeconds(2));
    }

    /** The smallest request there is. */
    static JsonObject request(JsonObject config) {
        return new JsonObject().put("type", "webhooks").put("config", config);
    }
}
