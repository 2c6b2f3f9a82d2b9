package importer

// headings lists the columns of a kind of file, with their names in English
// and in French in plain form (see plain). The first name of each is the one
// that the manual and the template use.
func headings(kind Kind) []heading {
	unit := heading{"unit", []string{"unit", "department", "company", "unite", "service", "direction", "departement"}}
	switch kind {
	case People:
		return []heading{
			{"name", []string{"name", "fullname", "displayname", "nom", "nomcomplet"}},
			{"email", []string{"email", "emailaddress", "mail", "courriel", "adressecourriel", "adresseelectronique"}},
			{"login", []string{"login", "username", "account", "samaccountname", "identifiant", "nomdutilisateur", "compte"}},
			unit,
			{"language", []string{"language", "langue"}},
			{"active", []string{"active", "actif", "enabled", "activated"}},
		}
	case Places:
		return []heading{{"place", []string{"place", "location", "path", "lieu", "emplacement", "chemin"}}, unit}
	case Units:
		return []heading{
			{"unit", unit.names},
			{"users_private", []string{"usersprivate", "utilisateursprives", "utilisateursconfidentiels"}},
		}
	case Assets:
		return []heading{
			{"tag", []string{"tag", "assettag", "asset", "assetnumber", "etiquette", "numerodinventaire", "numeroetiquette", "nodinventaire"}},
			{"kind", []string{"kind", "category", "type", "assettype", "sorte", "categorie"}},
			{"status", []string{"status", "state", "statut", "etat"}},
			{"maker", []string{"maker", "manufacturer", "make", "brand", "fabricant", "marque"}},
			{"model", []string{"model", "modelname", "modele", "nomdumodele"}},
			{"serial", []string{"serial", "serialnumber", "serialno", "sn", "numerodeserie", "nodeserie"}},
			{"custodian", []string{"custodian", "assignedto", "user", "holder", "checkedoutto", "detenteur", "gardien", "attribuea", "responsable", "utilisateur"}},
			{"place", []string{"place", "location", "room", "lieu", "emplacement", "local"}},
			unit,
			{"purchased_on", []string{"purchasedon", "purchasedate", "purchased", "dateachat", "datedachat", "achetele"}},
			{"cost", []string{"cost", "purchasecost", "price", "cout", "prix", "coutdachat", "prixdachat"}},
			{"currency", []string{"currency", "devise", "monnaie"}},
			{"warranty_ends_on", []string{"warrantyendson", "warranty", "warrantyends", "warrantyend", "warrantyexpires", "warrantyexpiration", "findegarantie", "garantiejusquau", "garantie"}},
			{"order_number", []string{"ordernumber", "order", "purchaseorder", "po", "numerodecommande", "nodecommande", "boncommande", "bondecommande"}},
			{"note", []string{"note", "notes", "remarque", "remarques", "commentaire", "commentaires"}},
		}
	case Rights:
		return []heading{
			{"reference", []string{"reference", "ref", "right", "droit"}},
			{"product", []string{"product", "software", "productkey", "produit", "logiciel", "cleduproduit"}},
			{"quantity", []string{"quantity", "qty", "seats", "count", "quantite", "nombre", "postes"}},
			{"pack_size", []string{"packsize", "rightsinapack", "pack", "droitsparlot", "tailledulot", "lot"}},
			{"metric", []string{"metric", "boughtby", "metrique", "achetepar"}},
			{"starts_on", []string{"startson", "firstday", "start", "from", "premierjour", "debut"}},
			{"ends_on", []string{"endson", "lastday", "end", "expires", "expiry", "dernierjour", "fin", "echeance"}},
			{"maintained_until", []string{"maintaineduntil", "maintenance", "support", "softwareassurance", "maintenancejusquau"}},
			{"cost", []string{"cost", "price", "total", "amount", "cout", "prix", "montant"}},
			{"currency", []string{"currency", "devise", "monnaie"}},
			{"paper", []string{"paper", "ordernumber", "order", "purchaseorder", "po", "invoice", "contract", "piece", "numerodecommande", "commande", "facture", "contrat"}},
			{"asset", []string{"asset", "assettag", "boundtoasset", "bien", "etiquette", "lieaubien"}},
			unit,
			{"note", []string{"note", "notes", "remarque", "remarques", "commentaire", "commentaires"}},
		}
	}
	return nil
}

// needed lists what a file must have: one column of each group.
func needed(kind Kind) [][]string {
	switch kind {
	case People:
		return [][]string{{"name", "login", "email"}}
	case Places:
		return [][]string{{"place"}}
	case Units:
		return [][]string{{"unit"}}
	case Assets:
		return [][]string{{"tag", "serial"}}
	case Rights:
		return [][]string{{"product", "reference"}}
	}
	return nil
}

// Columns lists the keys of the columns that a kind of file may have, for the
// manual and for templates.
func Columns(kind Kind) []string {
	var keys []string
	for _, h := range headings(kind) {
		keys = append(keys, h.key)
	}
	return keys
}
