package io.sluice.instance.api;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/** Body of {@code POST /admin/config-restore}: the bundle hash of one of the last ten configurations. */
@JsonNaming(SnakeCaseStrategy.class)
public record ConfigRestoreRequest(String hash) {}
