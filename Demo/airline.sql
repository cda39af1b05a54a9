-- The airline's database as the demo's MySQL holds it: the flights that left New York in 2013.

CREATE DATABASE airline;
USE airline;

CREATE TABLE airlines (
  carrier CHAR(2) NOT NULL PRIMARY KEY,
  name VARCHAR(64) NOT NULL,
  updated_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  KEY (updated_at)
);

CREATE TABLE airports (
  faa CHAR(3) NOT NULL PRIMARY KEY,
  name VARCHAR(64) NOT NULL,
  lat DECIMAL(10, 7) NOT NULL,
  lon DECIMAL(10, 7) NOT NULL,
  alt SMALLINT NOT NULL COMMENT 'feet',
  tz TINYINT NOT NULL COMMENT 'hours from UTC',
  dst ENUM('A', 'N', 'U') NOT NULL,
  tzone VARCHAR(32),
  updated_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  KEY (updated_at)
);

CREATE TABLE planes (
  tailnum VARCHAR(6) NOT NULL PRIMARY KEY,
  year YEAR,
  type VARCHAR(32) NOT NULL,
  manufacturer VARCHAR(32) NOT NULL,
  model VARCHAR(32) NOT NULL,
  engines TINYINT UNSIGNED NOT NULL,
  seats SMALLINT UNSIGNED NOT NULL,
  speed SMALLINT UNSIGNED,
  engine VARCHAR(16) NOT NULL,
  updated_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  KEY (updated_at)
);

CREATE TABLE flights (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  year SMALLINT UNSIGNED NOT NULL,
  month TINYINT UNSIGNED NOT NULL,
  day TINYINT UNSIGNED NOT NULL,
  dep_time SMALLINT UNSIGNED COMMENT 'local, 1730 is half past five, NULL where cancelled',
  sched_dep_time SMALLINT UNSIGNED NOT NULL,
  dep_delay SMALLINT COMMENT 'minutes, negative where early',
  arr_time SMALLINT UNSIGNED,
  sched_arr_time SMALLINT UNSIGNED NOT NULL,
  arr_delay SMALLINT,
  carrier CHAR(2) NOT NULL,
  flight SMALLINT UNSIGNED NOT NULL,
  tailnum VARCHAR(6),
  origin CHAR(3) NOT NULL,
  dest CHAR(3) NOT NULL,
  air_time SMALLINT UNSIGNED COMMENT 'minutes',
  distance SMALLINT UNSIGNED NOT NULL COMMENT 'miles',
  hour TINYINT UNSIGNED NOT NULL,
  minute TINYINT UNSIGNED NOT NULL,
  time_hour DATETIME NOT NULL COMMENT 'UTC',
  updated_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  KEY (updated_at)
);

-- The whole year, from which the demo lets the days pass. Tidemark never looks here.
CREATE DATABASE year_2013;
CREATE TABLE year_2013.flights LIKE flights;
ALTER TABLE year_2013.flights ENGINE = Aria TRANSACTIONAL = 0;
