package io.sluice.instance.admin;

import io.sluice.instance.api.ConfigDocuments;
import io.sluice.instance.api.ConfigRestoreRequest;
import io.sluice.instance.api.ConfigUpdateFailure;
import io.sluice.instance.api.ConfigUpdateResult;
import io.sluice.instance.api.ConfigVersion;
import io.sluice.instance.api.InstancePaths;
import io.sluice.instance.configuration.Configuration;
import io.sluice.instance.configuration.CurrentConfiguration;
import io.sluice.instance.configuration.UpdateOutcome;
import io.sluice.service.admin.JsonExchange;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shows and changes the configuration. */
public final class ConfigHandlers {
    private static final Logger AUDIT = LoggerFactory.getLogger("audit");

    private final CurrentConfiguration current;
    private final ConfigurationUpdates updates;
    private final String instanceId;
    private final Clock clock;

    public ConfigHandlers(CurrentConfiguration current, ConfigurationUpdates updates, String instanceId, Clock clock) {
        this.current = current;
        this.updates = updates;
        this.instanceId = instanceId;
        this.clock = clock;
    }

    void mount(Router router) {
        router.get(InstancePaths.CONFIG).handler(this::documents);
        router.get(InstancePaths.CONFIG_VERSION).handler(this::version);
        router.post(InstancePaths.CONFIG_UPDATE).handler(ctx -> answer(ctx, updates.update(body(ctx))));
        router.post(InstancePaths.CONFIG_RESTORE)
                .handler(ctx -> answer(
                        ctx,
                        updates.restore(JsonExchange.body(ctx, ConfigRestoreRequest.class)
                                .hash())));
    }

    private static byte[] body(RoutingContext ctx) {
        Buffer buffer = ctx.body().buffer();
        return buffer == null ? new byte[0] : buffer.getBytes();
    }

    private void documents(RoutingContext ctx) {
        Configuration running = current.get();
        JsonExchange.send(
                ctx,
                200,
                new ConfigDocuments(
                        running.documents().webhooks(),
                        running.documents().connections(),
                        running.webhooksVersion(),
                        running.connectionsVersion(),
                        running.hash(),
                        running.generation(),
                        instanceId));
    }

    private void version(RoutingContext ctx) {
        Configuration running = current.get();
        JsonExchange.send(
                ctx,
                200,
                new ConfigVersion(
                        running.webhooksVersion(),
                        running.connectionsVersion(),
                        running.generation(),
                        running.hash(),
                        running.origin().since(),
                        running.origin().source().name().toLowerCase(Locale.ROOT),
                        instanceId));
    }

    private void answer(RoutingContext ctx, Future<UpdateOutcome> outcome) {
        long before = current.get().generation();
        outcome.onSuccess(ended -> {
                    audit(ctx, ended, before);
                    ended.match(accepted -> success(ctx, accepted), refused -> failure(ctx, refused));
                })
                .onFailure(ctx::fail);
    }

    private static void audit(RoutingContext ctx, UpdateOutcome ended, long before) {
        String result = ended.match(
                accepted -> (accepted.changed() ? "accepted" : "unchanged") + ", generation " + before + " → "
                        + accepted.configuration().generation() + ", hash "
                        + accepted.configuration().hash(),
                refused -> "refused (" + refused.reason() + "), generation " + before + " goes on");
        AUDIT.info(
                "{} from {}: {}",
                ctx.normalizedPath(),
                ctx.request().remoteAddress() == null
                        ? "-"
                        : ctx.request().remoteAddress().hostAddress(),
                result);
    }

    private Future<Void> success(RoutingContext ctx, UpdateOutcome.Accepted accepted) {
        Configuration configuration = accepted.configuration();
        return JsonExchange.send(
                ctx,
                200,
                new ConfigUpdateResult(
                        "success",
                        accepted.changed(),
                        instanceId,
                        configuration.generation(),
                        configuration.hash(),
                        configuration.webhooksVersion(),
                        configuration.connectionsVersion(),
                        configuration.warnings(),
                        clock.instant(),
                        Long.toString(configuration.generation())));
    }

    private Future<Void> failure(RoutingContext ctx, UpdateOutcome.Refused refused) {
        Configuration running = current.get();
        boolean conflict = refused.reason() == UpdateOutcome.Reason.CONFLICT;
        return JsonExchange.send(
                ctx,
                status(refused.reason()),
                new ConfigUpdateFailure(
                        conflict ? "conflict" : "error",
                        refused.message(),
                        refused.problems(),
                        List.of(),
                        instanceId,
                        running.generation(),
                        running.hash(),
                        clock.instant()));
    }

    private static int status(UpdateOutcome.Reason reason) {
        return switch (reason) {
            case INVALID -> 400;
            case UNKNOWN_HASH -> 404;
            case CONFLICT -> 409;
            case NOT_STORED -> 503;
        };
    }
}
