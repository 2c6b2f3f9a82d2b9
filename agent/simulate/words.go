package simulate

import "strings"

// The words that names are made of. Any likeness of a made-up title or person
// to a real one is chance.

func houses() []string {
	return strings.Fields(`Northgate Bluewater Cedarline Ironbridge Maplewood Silverton Harbourview Kestrel Lakeshore
		Oakfield Pinecrest Quarry Redwing Stonehaven Tidewell Umber Valemont Westbrook Yarrow Zephyr Alderney Brightwell
		Calder Dunmore Elmhurst Fairlead Granite Hawthorn Inverness Juniper Kingsway Larkspur Meridian Nimbus Orchard
		Palisade Ravenna Solstice Thornbury Upland Verity Windrose Ashdown Birchmont Cobalt Drayton Everglade Foxglove`)
}

func subjects() []string {
	return strings.Fields(`Payroll Ledger Permits Records Fleet Cemetery Parking Assessment Utility Billing Scheduling
		Dispatch Inspection Library Archive Recreation Transit Water Forestry Licensing Procurement Grants Museum Survey
		Drainage Lighting Courts Elections Housing Benefits Pension Planning Mapping Signage Telemetry Timekeeping Weather
		Laboratory Veterinary Immunisation Daycare Translation Minutes Agenda Voting Tax Budget Treasury Audit Warehouse`)
}

func kinds() []string {
	return strings.Fields(`Client Viewer Designer Agent Connector Add-in Manager Console Reader Runtime Toolkit Driver
		Service Desktop Updater Studio Gateway Portal Scanner Sync Print Assistant Player Editor`)
}

func stems() []string {
	return strings.Fields(`amber anvil aspen basalt beacon birch bramble brine cable cairn candle cedar cinder clover
		comet copper coral crane crest delta dune ember fable falcon fern flint frost garnet glade grove harbor hazel heron
		indigo iris ivory jasper kelp lagoon larch lichen lotus lumen maple marble marsh mesa mica mint moss nectar nova
		oasis ocean olive onyx opal orbit otter pearl pebble pine plume prism quartz quill raven reef ridge river robin
		saffron sage sequoia shale slate sparrow spruce summit sundial thistle thyme tidal topaz tundra umbra vapor velvet
		vesper violet walnut willow wren yarrow zenith zircon`)
}

// firstNames and lastNames are the common ones of a bilingual country.
func firstNames() []string {
	return strings.Fields(`Olivia Liam Emma Noah Charlotte William Amélie Gabriel Sophie Thomas Chloé Félix Zoé Léo
		Camille Étienne Geneviève François Margaret James Susan Robert Linda Michael Patricia David Élise Mathieu Noémie
		Antoine Isabelle Benoît Priya Arjun Mei Wei Fatima Omar Aisha Yusuf Ana Carlos Maria Diego Ingrid Lars Anika Tomasz
		Keira Duncan Siobhan Rory Hélène Raphaël Mireille Luc Josée Marcel Denise Gilles Audrey Simon Claire Alexandre`)
}

func lastNames() []string {
	return strings.Fields(`Tremblay Gagnon Roy Côté Bouchard Gauthier Morin Lavoie Fortin Gagné Ouellet Pelletier Bélanger
		Lévesque Bergeron Leblanc Paquette Girard Simard Boucher Smith Brown Wilson Macdonald Campbell Stewart Anderson Taylor
		Martin Thompson Robinson Clarke Walker Fraser Murray Reid Patel Singh Kaur Sharma Nguyen Tran Chen Wang Li Zhang Kim
		Park Ahmed Hassan Ali Khan Silva Santos Garcia Fernandez Lopez Kowalski Nowak Müller Schmidt Rossi Okafor Mensah
		Beaulieu Desjardins Lachance Thibault O'Brien Sinclair Whitfield Hargreaves Langlois Poulin`)
}

// departments are the parts of a public body that devices are named after.
func departments() []string {
	return strings.Fields("FIN HR ITS PLN LIB PRK ENG LEG CLK FLT WTR REC COM HLT EMS TRN")
}
