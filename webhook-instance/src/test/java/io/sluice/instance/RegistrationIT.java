package io.sluice.instance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.instance.registration.RegistrationSettings;
import io.sluice.service.settings.Secret;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An instance that registers itself with two proxies, one of which is not there at first. */
class RegistrationIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final BlockingQueue<String> calls = new LinkedBlockingQueue<>();
    private volatile int status = 201;
    private HttpServer proxy;

    @BeforeEach
    void startProxy() throws IOException {
        RunningInstance.seed(folder, "{'a': {'module': 'log', 'auth': 'none'}}");
        proxy = RunningInstance.await(
                vertx.createHttpServer().requestHandler(this::answer).listen(0, "127.0.0.1"));
    }

    @AfterEach
    void stop() {
        RunningInstance.await(vertx.close());
    }

    private void answer(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            calls.add(request.method() + " " + request.path() + " " + request.getHeader("Authorization") + " " + body);
            request.response()
                    .setStatusCode(request.method().equals(HttpMethod.DELETE) ? 200 : status)
                    .end("{\"address\":\"127.0.0.1:1\",\"ttl\":\"300ms\",\"drained\":true,\"detail\":\"not now\"}");
        });
    }

    private RunningInstance startInstance() {
        RegistrationSettings settings = new RegistrationSettings(
                List.of(URI.create("http://127.0.0.1:1"), URI.create("http://127.0.0.1:" + proxy.actualPort())),
                "webhooks",
                Secret.of("let-me-in"),
                null,
                3,
                Duration.ofSeconds(1));
        return RunningInstance.start(folder, instance -> instance.withRegistration(settings));
    }

    private String next() throws InterruptedException {
        return Objects.requireNonNull(calls.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS), "no call came");
    }

    @Test
    void itRegistersSendsHeartbeatsAndLeavesBeforeItStops() throws Exception {
        RunningInstance instance = startInstance();
        String put = "PUT /v1/pools/webhooks/registrations/webhook-1 Bearer let-me-in {\"port\":" + instance.port()
                + ",\"weight\":3,\"adminPort\":" + instance.port() + "}";
        assertThat(next()).isEqualTo(put);
        assertThat(next()).as("a heartbeat").isEqualTo(put);
        instance.close();
        String last = next();
        while (last.equals(put)) {
            last = next();
        }
        assertThat(last).startsWith("DELETE /v1/pools/webhooks/registrations/webhook-1 Bearer let-me-in");
        assertThat(calls).as("nothing comes after it has left").isEmpty();
    }

    @Test
    void whoeverRefusesIsAskedAgain() throws Exception {
        status = 403;
        RunningInstance instance = startInstance();
        next();
        next();
        assertThat(instance.getAs("/metrics").response().body()).contains("proxy_registered{");
        instance.close();
    }
}
