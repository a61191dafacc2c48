package io.sluice.rollout.instance;

import io.sluice.instance.api.ConfigDocuments;
import io.sluice.instance.api.ConfigUpdateRequest;
import io.sluice.instance.api.ConfigUpdateResult;
import io.sluice.instance.api.ConfigVersion;
import io.sluice.instance.api.DrainRequest;
import io.sluice.instance.api.DrainStatus;
import io.sluice.instance.api.HealthReport;
import io.sluice.instance.api.InstancePaths;
import io.sluice.proxy.api.ProxyHeaders;
import io.sluice.rollout.driver.InstanceControl;
import io.sluice.rollout.remote.RemoteAnswer;
import io.sluice.rollout.remote.RemoteCall;
import io.sluice.rollout.remote.RemoteEndpoint;
import io.sluice.rollout.remote.RemoteFailure;
import io.sluice.service.settings.DurationFormat;
import io.sluice.service.settings.Secret;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The admin API of the instances, which share one token. Reads, validations, drain and undrain are sent once more when no answer came; a
 * change of configuration never is: whoever wanted it asks for the running version first.
 */
public final class InstanceClient implements InstanceControl {
    private final HttpClient http;
    private final Optional<Secret> token;
    private final Duration timeout;
    private final LongSupplier epoch;

    /** @param epoch the number of the engine's reign, sent with every change */
    public InstanceClient(HttpClient http, Optional<Secret> token, Duration timeout, LongSupplier epoch) {
        this.http = http;
        this.token = token;
        this.timeout = timeout;
        this.epoch = epoch;
    }

    @Override
    public Future<HealthReport> health(InstanceRef instance) {
        return again(instance, RemoteCall.get(InstancePaths.HEALTH, timeout))
                .map(answer -> (answer.status() == 503 ? answer : answer.orRefused()).as(HealthReport.class))
                .recover(InstanceRefusals::translated);
    }

    @Override
    public Future<ConfigVersion> version(InstanceRef instance) {
        return read(instance, RemoteCall.get(InstancePaths.CONFIG_VERSION, timeout), ConfigVersion.class);
    }

    @Override
    public Future<ConfigDocuments> documents(InstanceRef instance) {
        return read(instance, RemoteCall.get(InstancePaths.CONFIG, timeout), ConfigDocuments.class);
    }

    @Override
    public Future<DrainStatus> drainStatus(InstanceRef instance) {
        return read(instance, RemoteCall.get(InstancePaths.DRAIN_STATUS, timeout), DrainStatus.class);
    }

    @Override
    public Future<DrainStatus> awaitDrained(InstanceRef instance, Duration wait) {
        String path = InstancePaths.DRAIN_STATUS + "?wait=" + DurationFormat.format(wait);
        return read(instance, RemoteCall.get(path, wait.plus(timeout)), DrainStatus.class);
    }

    @Override
    public Future<DrainStatus> drain(InstanceRef instance, DrainRequest request) {
        return read(instance, post(InstancePaths.DRAIN, request), DrainStatus.class);
    }

    @Override
    public Future<DrainStatus> undrain(InstanceRef instance, DrainRequest request) {
        return read(instance, post(InstancePaths.UNDRAIN, request), DrainStatus.class);
    }

    @Override
    public Future<ConfigUpdateResult> update(InstanceRef instance, ConfigUpdateRequest request) {
        RemoteCall call = post(InstancePaths.CONFIG_UPDATE, request);
        boolean changesNothing = Boolean.TRUE.equals(request.validateOnly());
        return (changesNothing ? again(instance, call) : endpoint(instance).call(call))
                .map(answer -> answer.orRefused().as(ConfigUpdateResult.class))
                .recover(InstanceRefusals::translatedOfConfiguration);
    }

    private RemoteCall post(String path, Object body) {
        return RemoteCall.of(HttpMethod.POST, path, body, timeout)
                .withHeader(ProxyHeaders.ROLLOUT_EPOCH, Long.toString(epoch.getAsLong()));
    }

    private <T> Future<T> read(InstanceRef instance, RemoteCall call, Class<T> type) {
        return again(instance, call).map(answer -> answer.orRefused().as(type)).recover(InstanceRefusals::translated);
    }

    private Future<RemoteAnswer> again(InstanceRef instance, RemoteCall call) {
        return endpoint(instance)
                .call(call)
                .recover(failure ->
                        failure instanceof RemoteFailure remote && remote.kind() == RemoteFailure.Kind.UNKNOWN_OUTCOME
                                ? endpoint(instance).call(call)
                                : Future.failedFuture(failure));
    }

    private RemoteEndpoint endpoint(InstanceRef instance) {
        return new RemoteEndpoint(http, instance.adminUrl(), token, timeout);
    }
}
