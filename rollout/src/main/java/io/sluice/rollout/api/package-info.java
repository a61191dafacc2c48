/**
 * The engine over HTTP: {@link io.sluice.rollout.api.RolloutApi} adds the REST endpoints, the event streams and the OpenAPI document to an
 * admin server. The views are what goes over the wire, kept apart from what the engine stores. Decides nothing about a rollout.
 */
@NullMarked
package io.sluice.rollout.api;

import org.jspecify.annotations.NullMarked;
