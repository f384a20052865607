CREATE TABLE `api_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`sealed_secret` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `facts` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `flows` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`region_id` text NOT NULL,
	`max_bitrate` integer NOT NULL,
	`running` integer NOT NULL,
	`revision` integer NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `inputs` (
	`id` text PRIMARY KEY NOT NULL,
	`flow_id` text NOT NULL,
	`name` text NOT NULL,
	`protocol` text NOT NULL,
	`description` text NOT NULL,
	`settings` text NOT NULL,
	`sealed_secrets` text,
	`allowlist` text NOT NULL,
	`failover` text,
	FOREIGN KEY (`flow_id`) REFERENCES `flows`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `inputs_flow_id_unique` ON `inputs` (`flow_id`);--> statement-breakpoint
CREATE TABLE `outputs` (
	`id` text PRIMARY KEY NOT NULL,
	`flow_id` text NOT NULL,
	`position` integer NOT NULL,
	`region_id` text NOT NULL,
	`name` text NOT NULL,
	`protocol` text NOT NULL,
	`description` text NOT NULL,
	`settings` text NOT NULL,
	`sealed_secrets` text,
	FOREIGN KEY (`flow_id`) REFERENCES `flows`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `outputs_flow` ON `outputs` (`flow_id`);--> statement-breakpoint
CREATE TABLE `ports` (
	`port` integer PRIMARY KEY NOT NULL,
	`flow_id` text NOT NULL,
	`use` text NOT NULL,
	`region_id` text NOT NULL,
	`pipeline` text NOT NULL,
	FOREIGN KEY (`flow_id`) REFERENCES `flows`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `ports_use` ON `ports` (`flow_id`,`use`,`region_id`,`pipeline`);--> statement-breakpoint
CREATE TABLE `sessions` (
	`token_hash` text PRIMARY KEY NOT NULL,
	`created_at` integer NOT NULL,
	`used_at` integer NOT NULL
);
