package io.sluice.instance.registration;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.service.lifecycle.Component;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Registers the instance with every proxy once it serves, and takes it out of all of them before it stops to. A proxy that cannot be reached keeps neither a
 * start nor a stop from being made.
 */
public final class Registrations implements Component {
    private static final int CONNECT_MILLIS = 2_000;

    private final Vertx vertx;
    private final RegistrationSettings settings;
    private final String id;
    private final IntSupplier port;
    private final MeterRegistry meters;
    private volatile List<ProxyRegistration> all = List.of();
    private volatile @Nullable HttpClient client;

    /**
     * Those of one instance.
     *
     * @param id the instance's
     * @param port where it serves, once it does
     */
    public Registrations(
            Vertx vertx, RegistrationSettings settings, String id, IntSupplier port, MeterRegistry meters) {
        this.vertx = vertx;
        this.settings = settings;
        this.id = id;
        this.port = port;
        this.meters = meters;
    }

    @Override
    public String name() {
        return "registrations";
    }

    @Override
    public Future<Void> start() {
        // A heartbeat every ten seconds is not worth a connection that a proxy has to keep.
        HttpClient http = vertx.createHttpClient(
                new HttpClientOptions().setKeepAlive(false).setConnectTimeout(CONNECT_MILLIS));
        client = http;
        all = settings.proxies().stream()
                .map(proxy -> new ProxyRegistration(
                        vertx,
                        http,
                        settings,
                        proxy,
                        id,
                        port.getAsInt(),
                        () -> ThreadLocalRandom.current().nextDouble()))
                .toList();
        for (ProxyRegistration registration : all) {
            Gauge.builder("proxy.registered", registration, each -> each.isRegistered() ? 1 : 0)
                    .description("1 while the proxy has taken the last heartbeat.")
                    .tag("proxy", registration.proxy().toString())
                    .register(meters);
            registration.start();
        }
        return Future.succeededFuture();
    }

    @Override
    public Future<Void> stop() {
        HttpClient http = client;
        return Future.join(all.stream().map(ProxyRegistration::stop).toList())
                .otherwiseEmpty()
                .compose(left -> http == null ? Future.succeededFuture() : http.close());
    }
}
